package oncall

import (
	"context"
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"strings"
	"time"

	"mainstay/internal/core"
	"mainstay/internal/events/oncall/webpush"
	"mainstay/internal/platform/auth"
	"mainstay/internal/platform/sqldb"
)

// What a link does.
const (
	actAcknowledge = "acknowledge"
	actResolve     = "resolve"
)

// keys are what this package signs with.
type keys struct {
	link []byte
	push *webpush.Sender
}

// The names of the keys among the secrets.
const (
	linkKeyName = "oncall/link"
	pushKeyName = "oncall/push"
)

// signing reads the keys, and makes them the first time.
func (c *Component) signing(ctx context.Context) (*keys, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.keys != nil {
		return c.keys, nil
	}
	kept := func(name string, fresh func() ([]byte, error)) ([]byte, error) {
		value, err := c.deps.Secrets.GetInternal(ctx, c.deps.DB, name)
		if err == nil || core.CodeOf(err) != core.CodeNotFound {
			return value, err
		}
		err = c.deps.DB.Write(ctx, func(tx *sqldb.Tx) error {
			if value, err = c.deps.Secrets.GetInternal(ctx, tx, name); err == nil || core.CodeOf(err) != core.CodeNotFound {
				return err
			}
			if value, err = fresh(); err != nil {
				return err
			}
			return c.deps.Secrets.PutInternal(ctx, tx, name, value)
		})
		return value, err
	}
	link, err := kept(linkKeyName, func() ([]byte, error) {
		key := make([]byte, 32)
		rand.Read(key)
		return key, nil
	})
	if err != nil {
		return nil, err
	}
	push, err := kept(pushKeyName, webpush.NewKey)
	if err != nil {
		return nil, err
	}
	sender, err := webpush.NewSender(push, c.address())
	if err != nil {
		return nil, err
	}
	c.keys = &keys{link, sender}
	return c.keys, nil
}

// claim is what a link says: who may do what to which page until when.
type claim struct {
	Delivery string `json:"d"`
	Page     string `json:"p"`
	Person   string `json:"u"`
	Act      string `json:"a"`
	Until    int64  `json:"x"` // seconds since 1970
}

// link makes the address that acts for the one who is told.
func (c *Component) link(ctx context.Context, d delivery, act string) (string, error) {
	k, err := c.signing(ctx)
	if err != nil {
		return "", err
	}
	return c.address() + "/oncall/act/" + sign(k.link, claim{d.id, d.page, d.person, act, d.made.Add(c.cfg.LinkLife).Unix()}), nil
}

func sign(key []byte, what claim) string {
	text, err := json.Marshal(what)
	if err != nil {
		panic("oncall: " + err.Error()) // it holds texts and a number
	}
	body := base64.RawURLEncoding.EncodeToString(text)
	return body + "." + base64.RawURLEncoding.EncodeToString(sum(key, body))
}

func sum(key []byte, body string) []byte {
	mac := hmac.New(sha256.New, key)
	mac.Write([]byte(body))
	return mac.Sum(nil)[:16]
}

// readLink is the inverse of sign; it says nothing about why a link is not good.
func readLink(key []byte, token string, now time.Time) (claim, error) {
	var what claim
	bad := core.Errorf(core.CodeNotFound, "this link is not good, or not any more: open the situation instead")
	body, mark, ok := strings.Cut(token, ".")
	if !ok || !hmac.Equal([]byte(mark), []byte(base64.RawURLEncoding.EncodeToString(sum(key, body)))) { // decoding would pass over line ends
		return what, bad
	}
	text, err := base64.RawURLEncoding.DecodeString(body)
	if err != nil || json.Unmarshal(text, &what) != nil || now.Unix() >= what.Until {
		return what, bad
	}
	return what, nil
}

// follow says what a link is about, and changes nothing.
func (c *Component) readLink(ctx context.Context, token string) (claim, Page, error) {
	k, err := c.signing(ctx)
	if err != nil {
		return claim{}, Page{}, err
	}
	what, err := readLink(k.link, token, c.deps.Clock.Now())
	if err != nil {
		return claim{}, Page{}, err
	}
	page, err := pageByID(ctx, c.deps.DB, what.Page)
	return what, page, err
}

// actByLink does what the link says, as the person it was sent to, once.
func (c *Component) actByLink(ctx context.Context, token string) (claim, Page, error) {
	what, page, err := c.readLink(ctx, token)
	if err != nil {
		return what, page, err
	}
	person, err := c.deps.People.Principal(ctx, what.Person)
	if err != nil && core.CodeOf(err) != core.CodeNotFound {
		return what, page, err
	}
	if person == nil || !person.Can("oncall:act") {
		return what, page, core.Errorf(core.CodeForbidden, "whom this link was sent to may not do this any more")
	}
	var used int
	if err := c.deps.DB.QueryRow(ctx, "SELECT COUNT(*) FROM oncall_used WHERE link = $1", linkID(what)).Scan(&used); err != nil {
		return what, page, err
	}
	if used > 0 {
		return what, page, core.Errorf(core.CodeConflict, "this link was used already")
	}
	ctx = auth.With(ctx, person)
	switch what.Act {
	case actAcknowledge:
		page, err = c.Acknowledge(ctx, page.ID, "by a link")
	case actResolve:
		page, err = c.Resolve(ctx, page.ID, "by a link")
	default:
		err = core.Errorf(core.CodeNotFound, "this link does nothing")
	}
	if err != nil {
		return what, page, err
	}
	return what, page, c.deps.DB.Write(ctx, func(tx *sqldb.Tx) error {
		_, err := tx.Exec(ctx, "INSERT INTO oncall_used (link, at) VALUES ($1, $2) ON CONFLICT DO NOTHING", linkID(what), core.Micros(c.deps.Clock.Now()))
		return err
	})
}

func linkID(what claim) string { return what.Delivery + "/" + what.Act }
