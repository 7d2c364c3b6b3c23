package statuspage

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"strings"
	"time"

	"mainstay/internal/core"
	"mainstay/internal/platform/mail"
	"mainstay/internal/platform/sqldb"
	"mainstay/internal/platform/tasks"
)

const (
	// unconfirmedFor is how long an address is kept that nobody confirms.
	unconfirmedFor = 48 * time.Hour
	// askedAgain is how soon an address may be asked again to confirm.
	askedAgain = time.Hour
	noticeKind = "statuspage.notice"
)

// subscribe asks an address to confirm. It answers alike whether the address is
// known or not.
func (c *Component) subscribe(ctx context.Context, shown *rendered, typed string) error {
	email, err := mail.Address(typed)
	if err != nil {
		return err
	}
	now := c.deps.Clock.Now()
	if !c.asked.take(now) {
		return core.Errorf(core.CodeUnavailable, "too many subscribe just now: try again in a minute")
	}
	key := strings.ToLower(email)
	return c.deps.DB.Write(ctx, func(tx *sqldb.Tx) error {
		var asked, confirmed int64
		var token string
		err := tx.QueryRow(ctx, "SELECT token, asked_at, confirmed_at FROM statuspage_subscriber WHERE page = $1 AND email = $2", shown.page, key).Scan(&token, &asked, &confirmed)
		switch {
		case errors.Is(err, sqldb.ErrNoRows):
			var count int
			if err := tx.QueryRow(ctx, "SELECT COUNT(*) FROM statuspage_subscriber WHERE page = $1", shown.page).Scan(&count); err != nil {
				return err
			}
			if count >= c.cfg.Subscribers {
				return core.Errorf(core.CodeUnavailable, "this page takes no more subscribers")
			}
			token = rand.Text()
		case err != nil:
			return err
		case confirmed > 0 || now.Sub(core.FromMicros(asked)) < askedAgain:
			return nil
		}
		if _, err := tx.Exec(ctx, `INSERT INTO statuspage_subscriber (page, email, token, asked_at, confirmed_at) VALUES ($1,$2,$3,$4,0)
			ON CONFLICT (page, email) DO UPDATE SET asked_at = excluded.asked_at`, shown.page, key, token, core.Micros(now)); err != nil {
			return err
		}
		link := fmt.Sprintf("%s/status/%s/confirm/%s", c.address(), shown.shown.Slug, token)
		return c.deps.Mail.Send(ctx, tx, mail.Message{ID: c.deps.IDs.New(), To: email, Subject: "Confirm: news of " + shown.shown.Title,
			Text: "Somebody, probably you, asked for news of\n\n    " + shown.shown.Title + "\n\nby mail to this address. To get them, open\n\n    " + link + "\n\nOtherwise nothing is to be done: no more mail will come.\n"})
	})
}

// confirm makes an address get mail; unsubscribe forgets it.
func (c *Component) confirm(ctx context.Context, page, token string) error {
	n, err := c.change(ctx, "UPDATE statuspage_subscriber SET confirmed_at = $3 WHERE page = $1 AND token = $2", page, token, core.Micros(c.deps.Clock.Now()))
	if err == nil && n == 0 {
		err = core.Errorf(core.CodeNotFound, "this link is not good any more: subscribe again")
	}
	return err
}

func (c *Component) unsubscribe(ctx context.Context, page, token string) error {
	_, err := c.change(ctx, "DELETE FROM statuspage_subscriber WHERE page = $1 AND token = $2", page, token)
	return err
}

func (c *Component) change(ctx context.Context, statement string, args ...any) (n int64, err error) {
	err = c.deps.DB.Write(ctx, func(tx *sqldb.Tx) error {
		n, err = sqldb.Affected(tx.Exec(ctx, statement, args...))
		return err
	})
	return n, err
}

// subscribers counts the confirmed addresses of a page.
func (c *Component) subscribers(ctx context.Context, page string) (n int, err error) {
	err = c.deps.DB.QueryRow(ctx, "SELECT COUNT(*) FROM statuspage_subscriber WHERE page = $1 AND confirmed_at > 0", page).Scan(&n)
	return n, err
}

// notice is the task of telling subscribers about an update.
type notice struct {
	Page     string `json:"page"`
	Incident string `json:"incident"`
	Update   string `json:"update"`
	After    string `json:"after,omitempty"` // address up to which mail is queued
}

// noticeBatch is how many messages are queued in one transaction.
const noticeBatch = 500

func (c *Component) queueNotice(ctx context.Context, tx *sqldb.Tx, page, incident, update string) error {
	return c.deps.Tasks.Enqueue(ctx, tx, tasks.Task{Kind: noticeKind, Key: update, Args: notice{Page: page, Incident: incident, Update: update}})
}

// sendNotice queues mail to some subscribers and, when there are more, itself:
// both with the end of the task, so nobody gets it twice.
func (c *Component) sendNotice(ctx context.Context, t tasks.Task) error {
	var n notice
	if err := t.Decode(&n); err != nil {
		return err
	}
	list, err := c.pages(ctx, c.deps.DB, "name = $1", n.Page)
	if err != nil || len(list) == 0 {
		return err // deleted in the meantime
	}
	return c.deps.DB.Write(ctx, func(tx *sqldb.Tx) error {
		var kind, title, status, body string
		err := tx.QueryRow(ctx, "SELECT i.kind, i.title, u.status, u.body FROM statuspage_update u JOIN statuspage_incident i ON i.id = u.incident WHERE u.id = $1", n.Update).Scan(&kind, &title, &status, &body)
		if err != nil {
			return err
		}
		rows, err := tx.Query(ctx, "SELECT email, token FROM statuspage_subscriber WHERE page = $1 AND confirmed_at > 0 AND email > $2 ORDER BY email LIMIT $3", n.Page, n.After, noticeBatch)
		type subscriber struct{ email, token string }
		to, err := sqldb.Collect(rows, err, func(r *sqldb.Rows) (s subscriber, err error) { return s, r.Scan(&s.email, &s.token) })
		if err != nil {
			return err
		}
		page := c.address() + "/status/" + list[0].Spec.Slug
		messages := make([]mail.Message, len(to))
		for i, s := range to {
			leave := page + "/unsubscribe/" + s.token
			messages[i] = mail.Message{ID: fmt.Sprintf("%s-%s", n.Update, strings.ToLower(s.token[:12])), To: s.email, Subject: fmt.Sprintf("[%s] %s: %s", status, list[0].Spec.Title, title),
				Text: body + "\n\n" + page + "\n\n-- \nNo more mail: " + leave + "\n", Unsubscribe: leave}
		}
		if len(messages) > 0 {
			if err := c.deps.Mail.Send(ctx, tx, messages...); err != nil {
				return err
			}
		}
		if err := t.Complete(ctx, tx); err != nil {
			return err
		}
		if len(to) < noticeBatch {
			return nil
		}
		n.After = to[len(to)-1].email
		return c.deps.Tasks.Enqueue(ctx, tx, tasks.Task{Kind: noticeKind, Key: n.Update + "/" + n.After, Args: n})
	})
}
