package hooks

import (
	"context"
	"encoding/json"
	"net/http"
	"net/url"
	"strings"
	"sync"
	"time"

	"mainstay/internal/core"
	"mainstay/internal/platform/sqldb"
)

const (
	keptPayloads = 20
	maxKept      = 64 << 10
	keepEvery    = time.Second // at most one delivery of a source in this time is kept
)

// Payload is a delivery that was kept.
type Payload struct {
	ID      string            `json:"id"`
	Source  string            `json:"source"`
	At      time.Time         `json:"at"`
	Headers map[string]string `json:"headers" doc:"Without those that prove who sent it"`
	Query   map[string]string `json:"query,omitempty"`
	Body    string            `json:"body"`
	Cut     bool              `json:"cut" doc:"The body was longer than the 64 KiB that are kept"`
	Taken   int               `json:"taken" doc:"Events that were taken"`
	Refused int               `json:"refused" doc:"Events that broke a rule"`
	Said    string            `json:"said,omitempty" doc:"Why something was refused, or what else it was"`
}

// keeper keeps the last deliveries of each source.
type keeper struct {
	mu   sync.Mutex
	last map[string]time.Time
}

func (k *keeper) due(source string, now time.Time) bool {
	k.mu.Lock()
	defer k.mu.Unlock()
	if since := now.Sub(k.last[source]); since >= 0 && since < keepEvery {
		return false
	}
	k.last[source] = now
	return true
}

// private are headers that are not kept.
func private(name string) bool {
	switch name {
	case "Authorization", "Cookie", "Proxy-Authorization", "X-Forwarded-For", "X-Real-Ip":
		return true
	}
	return strings.Contains(strings.ToLower(name), "token") || strings.Contains(strings.ToLower(name), "signature") || strings.Contains(strings.ToLower(name), "secret")
}

// keep writes a delivery down, to try mappings on. It is no part of the
// acknowledgement: an error is only logged.
func (c *Component) keep(ctx context.Context, source string, d *delivery, taken, refused int, said string) {
	if !c.kept.due(source, d.at) {
		return
	}
	headers, query := map[string]string{}, map[string]string{}
	for name := range d.header {
		if !private(name) && len(headers) < 50 {
			headers[name] = plainText(d.header.Get(name), 1000)
		}
	}
	for name := range d.query {
		if len(query) < 50 {
			query[plainText(name, 200)] = plainText(d.query.Get(name), 1000)
		}
	}
	headerText, err := json.Marshal(headers)
	if err != nil {
		return
	}
	queryText, err := json.Marshal(query)
	if err != nil {
		return
	}
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), 5*time.Second)
	defer cancel()
	err = c.deps.DB.Write(ctx, func(tx *sqldb.Tx) error {
		if _, err := tx.Exec(ctx, "INSERT INTO hooks_payload (id, source, at, headers, query, body, cut, taken, refused, said) VALUES ($1,$2,$3,$4,$5,$6,$7,$8,$9,$10)",
			c.deps.IDs.New(), source, core.Micros(d.at), string(headerText), string(queryText), plainText(string(d.body), maxKept), len(d.body) > maxKept,
			taken, refused, plainText(said, 2000)); err != nil {
			return err
		}
		_, err := tx.Exec(ctx, "DELETE FROM hooks_payload WHERE source = $1 AND id NOT IN (SELECT p.id FROM hooks_payload AS p WHERE p.source = $1 ORDER BY p.id DESC LIMIT $2)", source, keptPayloads)
		return err
	})
	if err != nil {
		c.deps.Log.Warn("a delivery could not be kept", "source", source, "error", err)
	}
}

// plainText is text that both engines can store.
func plainText(s string, most int) string {
	return bounded(strings.ReplaceAll(strings.ToValidUTF8(s, "\uFFFD"), "\x00", "\uFFFD"), most)
}

const payloadColumns = "id, source, at, headers, query, body, cut, taken, refused, said"

func readPayload(scan func(...any) error) (p Payload, err error) {
	var at int64
	var headers, query string
	if err = scan(&p.ID, &p.Source, &at, &headers, &query, &p.Body, &p.Cut, &p.Taken, &p.Refused, &p.Said); err != nil {
		return p, err
	}
	p.At = core.FromMicros(at)
	if err = json.Unmarshal([]byte(headers), &p.Headers); err == nil {
		err = json.Unmarshal([]byte(query), &p.Query)
	}
	return p, err
}

// payloads are the last deliveries of a source, the latest first.
func (c *Component) payloads(ctx context.Context, source string) ([]Payload, error) {
	rows, err := c.deps.DB.Query(ctx, "SELECT "+payloadColumns+" FROM hooks_payload WHERE source = $1 ORDER BY id DESC LIMIT $2", source, keptPayloads)
	list, err := sqldb.Collect(rows, err, func(r *sqldb.Rows) (Payload, error) { return readPayload(r.Scan) })
	if list == nil {
		list = []Payload{}
	}
	return list, err
}

// delivery is the payload as it came, as far as it was kept.
func (p *Payload) delivery() *delivery {
	d := &delivery{header: http.Header{}, query: url.Values{}, body: []byte(p.Body), at: p.At}
	for name, value := range p.Headers {
		d.header.Set(name, value)
	}
	for name, value := range p.Query {
		d.query.Set(name, value)
	}
	return d
}
