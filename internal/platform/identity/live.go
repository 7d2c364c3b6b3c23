package identity

import (
	"context"
	"reflect"
	"sync"

	"mainstay/internal/platform/auth"
)

// live are the requests under way of callers who signed in, so that a stream
// ends when its session is, or when its caller may do something else than when
// it began. Housekeeping looks at those it finds twice: short requests are
// never looked at.
type live struct {
	mu       sync.Mutex
	last     uint64
	requests map[uint64]*liveRequest
}

type liveRequest struct {
	principal *auth.Principal
	end       context.CancelFunc
	seen      bool
}

func newLive() *live { return &live{requests: map[uint64]*liveRequest{}} }

// begin returns the context of a request that may be ended, and a function to
// call when it is over.
func (l *live) begin(ctx context.Context, p *auth.Principal) (context.Context, func()) {
	ctx, cancel := context.WithCancel(ctx)
	l.mu.Lock()
	defer l.mu.Unlock()
	l.last++
	id := l.last
	l.requests[id] = &liveRequest{principal: p, end: cancel}
	return ctx, func() {
		cancel()
		l.mu.Lock()
		defer l.mu.Unlock()
		delete(l.requests, id)
	}
}

// lasting returns the requests that were there the last time too, by the
// session or token they came with.
func (l *live) lasting() map[[2]string][]*liveRequest {
	l.mu.Lock()
	defer l.mu.Unlock()
	found := map[[2]string][]*liveRequest{}
	for _, r := range l.requests {
		if r.seen {
			key := [2]string{r.principal.Session, r.principal.Token}
			found[key] = append(found[key], r)
		}
		r.seen = true
	}
	return found
}

// endRevoked ends lasting requests whose caller is not what they were.
func (c *Component) endRevoked(ctx context.Context) {
	for key, requests := range c.live.lasting() {
		now, err := c.principalNow(ctx, key[0], key[1])
		if err != nil {
			c.log.Warn("long requests could not be checked for revoked sessions", "error", err)
			return
		}
		for _, r := range requests {
			if !sameRights(r.principal, now) {
				r.end()
			}
		}
	}
}

// principalNow returns who a session or token belongs to, or nil when it is gone.
func (c *Component) principalNow(ctx context.Context, session, token string) (*auth.Principal, error) {
	var user string
	var limit *auth.Set
	if token != "" {
		t, err := c.findTokenWhere(ctx, "t.id = $1", token)
		if err != nil || t == nil {
			return nil, err
		}
		set := auth.NewSet(t.Scopes...)
		user, limit = t.User, &set
	} else {
		s, err := c.sessionByID(ctx, session)
		if err != nil || s == nil {
			return nil, err
		}
		user = s.User
		// Whoever follows a stream is there, although they ask for nothing else.
		c.touched.session(s.ID, c.deps.Clock.Now(), s.Address)
	}
	p, err := c.activePrincipal(ctx, user)
	if p != nil && limit != nil {
		p = p.Limited(*limit)
	}
	return p, err
}

func (c *Component) sessionByID(ctx context.Context, id string) (*session, error) {
	return c.goodSession(ctx, ` WHERE id = $1`, id)
}

func sameRights(then, now *auth.Principal) bool {
	if now == nil {
		return false
	}
	a, aTeams := then.Permissions()
	b, bTeams := now.Permissions()
	return reflect.DeepEqual(a.Patterns(), b.Patterns()) && reflect.DeepEqual(aTeams, bTeams)
}
