package oncall

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"strings"
	"time"

	"mainstay/internal/core"
	"mainstay/internal/events/oncall/channel"
	"mainstay/internal/events/oncall/webpush"
	"mainstay/internal/platform/sqldb"
)

// Browser is one that a person is told by.
type Browser struct {
	Endpoint  string    `json:"endpoint"`
	Agent     string    `json:"agent"`
	CreatedAt time.Time `json:"createdAt"`
}

type subscribed struct {
	webpush.Subscription
	agent string
	made  time.Time
}

func browsers(ctx context.Context, q sqldb.Querier, person string) ([]subscribed, error) {
	rows, err := q.Query(ctx, "SELECT endpoint, p256dh, auth, agent, created_at FROM oncall_browser WHERE person = $1 ORDER BY created_at, endpoint", person)
	return sqldb.Collect(rows, err, func(r *sqldb.Rows) (s subscribed, err error) {
		var made int64
		err = r.Scan(&s.Endpoint, &s.P256DH, &s.Auth, &s.agent, &made)
		s.made = core.FromMicros(made)
		return s, err
	})
}

// maxBrowsers bounds what one person may have.
const maxBrowsers = 20

func (c *Component) subscribe(ctx context.Context, person, agent string, s webpush.Subscription) error {
	if err := s.Validate(); err != nil {
		return core.Invalid("subscription", err.Error())
	}
	return c.deps.DB.Write(ctx, func(tx *sqldb.Tx) error {
		var count int
		if err := tx.QueryRow(ctx, "SELECT COUNT(*) FROM oncall_browser WHERE person = $1 AND endpoint <> $2", person, s.Endpoint).Scan(&count); err != nil {
			return err
		}
		if count >= maxBrowsers {
			return core.Errorf(core.CodeConflict, "there are %d browsers already: remove one", count)
		}
		_, err := tx.Exec(ctx, `INSERT INTO oncall_browser (endpoint, person, p256dh, auth, agent, created_at) VALUES ($1,$2,$3,$4,$5,$6)
			ON CONFLICT (endpoint) DO UPDATE SET person = excluded.person, p256dh = excluded.p256dh, auth = excluded.auth`,
			s.Endpoint, person, s.P256DH, s.Auth, agent[:min(len(agent), 200)], core.Micros(c.deps.Clock.Now()))
		return err
	})
}

func (c *Component) unsubscribe(ctx context.Context, person, endpoint string) error {
	return c.deps.DB.Write(ctx, func(tx *sqldb.Tx) error {
		_, err := tx.Exec(ctx, "DELETE FROM oncall_browser WHERE person = $1 AND endpoint = $2", person, endpoint)
		return err
	})
}

// pushTTL is how long a push service keeps a message for a browser that is away.
const pushTTL = 4 * time.Hour

// push tells all browsers of a person; one that takes it is enough. A browser
// that is gone (404 or 410 of RFC 8030, 7.3) is forgotten.
func (c *Component) push(ctx context.Context, d delivery, m channel.Message) (channel.Receipt, error) {
	list, err := browsers(ctx, c.deps.DB, d.person)
	if err != nil {
		return channel.Receipt{}, err
	}
	if len(list) == 0 {
		return channel.Receipt{}, &channel.Failure{Permanent: true, Cause: fmt.Errorf("no browser of %s takes notifications", d.name)}
	}
	k, err := c.signing(ctx)
	if err != nil {
		return channel.Receipt{}, err
	}
	title := m.Title
	if m.Purpose == channel.Resolved {
		title = "Over: " + title
	}
	payload, err := json.Marshal(map[string]any{"id": m.ID, "tag": m.Situation, "title": trim(title, 300), "body": trim(m.Text, 1500), "severity": m.Severity.String(), "url": m.URL, "acknowledge": m.AckURL, "urgent": m.Urgency == High})
	if err != nil {
		return channel.Receipt{}, err
	}
	var answers []string
	taken, gone := 0, 0
	for _, b := range list {
		r, err := k.push.Request(b.Subscription, payload, pushTTL, m.Urgency == High, c.deps.Clock.Now())
		if err != nil {
			answers = append(answers, err.Error())
			continue
		}
		response, err := c.deps.HTTP.Do(r.WithContext(ctx))
		if err != nil {
			answers = append(answers, "the push service does not answer")
			continue
		}
		io.Copy(io.Discard, io.LimitReader(response.Body, 4<<10))
		response.Body.Close()
		answers = append(answers, response.Status)
		switch {
		case response.StatusCode/100 == 2:
			taken++
		case response.StatusCode == http.StatusNotFound || response.StatusCode == http.StatusGone:
			gone++
			if err := c.unsubscribe(ctx, d.person, b.Endpoint); err != nil {
				return channel.Receipt{}, err
			}
		}
	}
	answer := strings.Join(answers, "; ")
	if taken > 0 {
		return channel.Receipt{Status: http.StatusCreated, Answer: fmt.Sprintf("%d of %d browsers: %s", taken, len(list), answer)}, nil
	}
	return channel.Receipt{Answer: answer}, &channel.Failure{Permanent: gone == len(list), Cause: fmt.Errorf("no browser took it: %s", answer)}
}

// trim keeps the beginning of a text, whole characters only.
func trim(text string, n int) string {
	if len(text) <= n {
		return text
	}
	return strings.ToValidUTF8(text[:n], "") + "…"
}
