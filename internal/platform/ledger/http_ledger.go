package ledger

import (
	"context"
	"net/http"
	"strconv"
	"strings"
	"time"

	"mainstay/internal/core"
	"mainstay/internal/platform/auth"
	"mainstay/internal/platform/httpapi"
)

// Visibility says which permission reading an entry needs, by the module that
// wrote it; modules that are not named need Otherwise.
type Visibility struct {
	ByModule  map[string]auth.Permission
	Otherwise auth.Permission
}

func (v Visibility) permission(module string) auth.Permission {
	if p, ok := v.ByModule[module]; ok {
		return p
	}
	return v.Otherwise
}

// filter returns what p may see, with each module's scope looked up once.
func (v Visibility) filter(p *auth.Principal) func(*Entry) bool {
	scopes := map[string]auth.Scope{}
	return func(e *Entry) bool {
		scope, ok := scopes[e.Module]
		if !ok {
			scope = p.Scope(v.permission(e.Module))
			scopes[e.Module] = scope
		}
		return scope.Allows(e.Team)
	}
}

type listInput struct {
	Item    []string  `query:"item,explode" maxItems:"200" doc:"About or related to any of these items"`
	Subject string    `query:"subject" doc:"About this record, as kind/id" example:"incident/01jd..."`
	Type    []string  `query:"type,explode" maxItems:"40" doc:"Types or their beginnings" example:"desk.incident."`
	Actor   string    `query:"actor" doc:"Done by the actor with this id"`
	Since   time.Time `query:"since" doc:"At or after"`
	Until   time.Time `query:"until" doc:"Before"`
	Cursor  int64     `query:"cursor" minimum:"0" doc:"The next of the page before"`
	Limit   int       `query:"limit" minimum:"0" maximum:"1000"`
}

type listOutput struct {
	Body struct {
		Items []Entry `json:"items" nullable:"false"`
		Next  int64   `json:"next,omitempty" doc:"The cursor of the next, older page"`
	}
}

// Routes registers /ledger and /stream.
func (l *Ledger) Routes(api *httpapi.API, visible Visibility) {
	httpapi.Handle(api, httpapi.Route{ID: "list-ledger", Method: http.MethodGet, Path: "/ledger", Tag: "Ledger", Permission: auth.SignedIn,
		Summary: "List what happened, newest first", Details: "Shows the entries of the modules the caller may read, and of the caller's teams."},
		func(ctx context.Context, in *listInput) (*listOutput, error) { return l.listVisible(ctx, in, visible) })
	type verifyOutput struct {
		Body struct {
			Verification
			Consumers []ConsumerStatus `json:"consumers" nullable:"false"`
		}
	}
	httpapi.Handle(api, httpapi.Route{ID: "verify-ledger", Method: http.MethodGet, Path: "/ledger/verify", Tag: "Ledger", Permission: "ledger:read",
		Summary: "Recompute the hash chain and tell how the consumers are doing"},
		func(ctx context.Context, _ *struct{}) (*verifyOutput, error) {
			v, err := l.Verify(ctx)
			out := &verifyOutput{}
			out.Body.Verification, out.Body.Consumers = v, l.Consumers()
			return out, err
		})
	api.Mount("GET /api/v1/stream", auth.SignedIn, l.streamHandler(visible))
}

// listVisible reads pages until enough entries the caller may see are found;
// it looks at no more than a bounded number of them.
func (l *Ledger) listVisible(ctx context.Context, in *listInput, visible Visibility) (*listOutput, error) {
	q := Query{Items: in.Item, Types: in.Type, Actor: in.Actor, Since: in.Since, Until: in.Until, Before: in.Cursor}
	if in.Subject != "" {
		ref, err := core.ParseRef(in.Subject)
		if err != nil {
			return nil, core.Invalid("subject", "must be kind/id")
		}
		q.Subject = ref
	}
	limit := in.Limit
	if limit == 0 {
		limit = 100
	}
	q.Limit = min(limit+1, 1000)
	see := visible.filter(auth.From(ctx))
	out := &listOutput{}
	out.Body.Items = []Entry{}
	const pages = 20
	for range pages {
		entries, err := l.List(ctx, q)
		if err != nil {
			return nil, err
		}
		for i := range entries {
			if !see(&entries[i]) {
				continue
			}
			if len(out.Body.Items) == limit {
				out.Body.Next = out.Body.Items[limit-1].Seq
				return out, nil
			}
			out.Body.Items = append(out.Body.Items, entries[i])
		}
		if len(entries) < q.Limit {
			return out, nil
		}
		q.Before = entries[len(entries)-1].Seq
	}
	out.Body.Next = q.Before
	return out, nil
}

const (
	streamBeat = 15 * time.Second // a comment keeps proxies from closing an idle stream
	streamLife = time.Hour        // then the client connects again, and its rights are looked up again
)

// streamHandler sends entries as server-sent events (HTML Living Standard,
// 9.2): id is the position, event the type, data the entry as JSON. A client
// that comes back with Last-Event-ID misses nothing.
func (l *Ledger) streamHandler(visible Visibility) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		after, err := l.streamStart(r)
		if err != nil {
			httpapi.WriteProblem(w, l.log, err)
			return
		}
		ctx, cancel := context.WithTimeout(r.Context(), streamLife)
		defer cancel()
		s := newEventStream(w, l.clock)
		defer s.close()
		go s.beat(ctx, streamBeat, cancel)
		see := visible.filter(auth.From(ctx))
		types := r.URL.Query()["type"]
		l.Follow(ctx, after, func(e *Entry) bool { return hasPrefix(e.Type, types) && see(e) }, func(e Entry) error { return s.send(e) })
	})
}

func hasPrefix(text string, prefixes []string) bool {
	for _, p := range prefixes {
		if strings.HasPrefix(text, p) {
			return true
		}
	}
	return len(prefixes) == 0
}

// streamStart is where a stream begins: behind Last-Event-ID or after, else now.
func (l *Ledger) streamStart(r *http.Request) (int64, error) {
	for name, text := range map[string]string{"Last-Event-ID": r.Header.Get("Last-Event-ID"), "after": r.URL.Query().Get("after")} {
		if text == "" {
			continue
		}
		n, err := strconv.ParseInt(text, 10, 64)
		if err != nil || n < 0 {
			return 0, core.Invalid(name, "must be a position in the ledger")
		}
		return n, nil
	}
	return l.Head(r.Context())
}
