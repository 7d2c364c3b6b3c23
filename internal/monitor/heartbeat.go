package monitor

import (
	"context"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"errors"
	"fmt"
	"strconv"
	"strings"

	"mainstay/internal/core"
	"mainstay/internal/platform/probe"
	"mainstay/internal/platform/sqldb"
)

// tokenPrefix begins the secret of a heartbeat's address, so that scanners of
// leaked secrets can recognise one.
const tokenPrefix = "mhb_"

func newHeartbeatToken() string {
	var secret [18]byte
	_, _ = rand.Read(secret[:]) // never fails
	return tokenPrefix + base64.RawURLEncoding.EncodeToString(secret[:])
}

func tokenHash(token string) string {
	sum := sha256.Sum256([]byte(token))
	return hex.EncodeToString(sum[:])
}

// Address is where the job of a heartbeat pings. It is shown once.
type Address struct {
	Target string `json:"target"`
	Item   string `json:"item,omitempty"`
	Path   string `json:"path" doc:"below the address of this server; whoever knows it can ping"`
}

// RotateAddress gives a target of a heartbeat a new address; the one before stops working.
func (c *Component) RotateAddress(ctx context.Context, check *Check, target string) (Address, error) {
	token := newHeartbeatToken()
	var out Address
	err := c.deps.DB.Write(ctx, func(tx *sqldb.Tx) error {
		rows, err := c.store.targetRows(ctx, tx, "check_id = $1", check.ID)
		if err != nil {
			return err
		}
		row, err := oneOf(rows, target)
		if err != nil {
			return err
		}
		out = Address{Target: row.ID, Item: row.Item, Path: "/api/v1/heartbeats/" + token}
		if _, err := tx.Exec(ctx, `INSERT INTO monitor_token (target, hash, created_at) VALUES ($1, $2, $3)
			ON CONFLICT (target) DO UPDATE SET hash = excluded.hash, created_at = excluded.created_at`, row.ID, tokenHash(token), core.Micros(c.deps.Clock.Now())); err != nil {
			return err
		}
		return c.store.note(ctx, tx, "monitor.heartbeat.rotated", core.Ref{Kind: "check", ID: check.ID}, row.Item, check.Spec.Team, "heartbeat "+check.Name+" has a new address")
	})
	return out, err
}

// oneOf finds a target by its id or item; "" is the only one.
func oneOf(rows []targetRow, ref string) (targetRow, error) {
	if ref == "" && len(rows) == 1 {
		return rows[0], nil
	}
	for _, r := range rows {
		if ref != "" && (r.ID == ref || r.Item == ref) {
			return r, nil
		}
	}
	switch {
	case len(rows) == 0:
		return targetRow{}, core.Errorf(core.CodeConflict, "the check has no item yet")
	case ref == "":
		return targetRow{}, core.Invalid("target", "must name one of the check's items")
	}
	return targetRow{}, core.Invalid("target", "is not a target or an item of this check")
}

// addressed says since when the targets of a check have an address.
func (s *store) addressed(ctx context.Context, checkID string) (map[string]int64, error) {
	rows, err := s.db.Query(ctx, "SELECT k.target, k.created_at FROM monitor_token k JOIN monitor_target t ON t.id = k.target WHERE t.check_id = $1", checkID)
	out := map[string]int64{}
	_, err = sqldb.Collect(rows, err, func(r *sqldb.Rows) (struct{}, error) {
		var target string
		var at int64
		err := r.Scan(&target, &at)
		out[target] = at
		return struct{}{}, err
	})
	return out, err
}

// Ping takes a message of a job at a heartbeat's secret address. A token that
// is not known is core.CodeNotFound.
func (c *Component) Ping(ctx context.Context, token, signal, body, source string) error {
	p := ping{Ping: Ping{ID: c.deps.IDs.New(), At: core.FromMicros(core.Micros(c.deps.Clock.Now())), Detail: body, Source: source}}
	var err error
	if p.Signal, p.State, p.Output, err = readSignal(signal); err != nil {
		return err
	}
	if len(token) > 100 || !strings.HasPrefix(token, tokenPrefix) {
		return core.NotFound("heartbeat", "with this address")
	}
	err = c.deps.DB.QueryRow(ctx, "SELECT target FROM monitor_token WHERE hash = $1", tokenHash(token)).Scan(&p.Target)
	if errors.Is(err, sqldb.ErrNoRows) {
		return core.NotFound("heartbeat", "with this address")
	}
	if err != nil {
		return err
	}
	if line := firstLine(body); line != "" {
		p.Output += ": " + line
	}
	bound := probe.Result{Output: p.Output, Detail: p.Detail}
	bound.Bound()
	p.Output, p.Detail = bound.Output, bound.Detail
	return c.keepPings(ctx, []ping{p})
}

// readSignal reads what follows the token in the address: nothing, start, fail,
// log, or the exit code of the job.
func readSignal(text string) (signal string, state probe.State, output string, err error) {
	switch text {
	case "", "0":
		return signalSuccess, probe.OK, "the job ended well", nil
	case signalStart:
		return signalStart, probe.OK, "the job began", nil
	case signalFail:
		return signalFail, probe.Critical, "the job failed", nil
	case signalLog:
		return signalLog, probe.OK, "a remark", nil
	}
	code, err := strconv.Atoi(text)
	if err != nil || code < 0 || code > 255 || strings.HasPrefix(text, "+") {
		return "", 0, "", core.Invalid("signal", "must be start, fail, log or an exit code from 0 to 255")
	}
	if code == 0 {
		return readSignal("")
	}
	return signalFail, probe.Critical, fmt.Sprintf("the job ended with code %d", code), nil
}
