package agents

import (
	"context"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base32"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/nats-io/nkeys"

	"mainstay/internal/core"
	"mainstay/internal/platform/agents/protocol"
	"mainstay/internal/platform/auth"
	"mainstay/internal/platform/ledger"
	"mainstay/internal/platform/sqldb"
)

// Enrolment is a permission for one host to enrol.
type Enrolment struct {
	ID        string    `json:"id"`
	Name      string    `json:"name" doc:"What it is for; the agent's name when the host gives none"`
	Team      string    `json:"team,omitempty" doc:"The team the agent will belong to"`
	State     string    `json:"state" enum:"open,used,expired,revoked"`
	CreatedBy string    `json:"createdBy"`
	CreatedAt time.Time `json:"createdAt"`
	ExpiresAt time.Time `json:"expiresAt"`
	UsedAt    time.Time `json:"usedAt,omitzero"`
	RevokedAt time.Time `json:"revokedAt,omitzero"`
	Agent     string    `json:"agent,omitempty" doc:"The agent that used it"`
}

const enrolmentColumns = "e.id, e.name, e.team, e.created_by, e.created_at, e.expires_at, e.used_at, e.revoked_at, e.agent"

func scanEnrolment(now time.Time, scan func(...any) error) (Enrolment, error) {
	var e Enrolment
	var created, expires, used, revoked int64
	if err := scan(&e.ID, &e.Name, &e.Team, &e.CreatedBy, &created, &expires, &used, &revoked, &e.Agent); err != nil {
		return e, err
	}
	e.CreatedAt, e.ExpiresAt = core.FromMicros(created), core.FromMicros(expires)
	e.UsedAt, e.RevokedAt = core.FromMicros(used), core.FromMicros(revoked)
	switch {
	case used > 0:
		e.State = "used"
	case revoked > 0:
		e.State = "revoked"
	case !now.Before(e.ExpiresAt):
		e.State = "expired"
	default:
		e.State = "open"
	}
	return e, nil
}

const tokenPrefix = "mse_"

// newToken makes a token of 160 random bits. So much cannot be guessed, which is
// why a plain hash of it is enough.
func newToken() (token, hash string, err error) {
	var random [20]byte
	if _, err := rand.Read(random[:]); err != nil {
		return "", "", err
	}
	token = tokenPrefix + strings.ToLower(base32.StdEncoding.EncodeToString(random[:]))
	return token, hashToken(token), nil
}

func hashToken(token string) string {
	sum := sha256.Sum256([]byte(token))
	return hex.EncodeToString(sum[:])
}

// CreateEnrolment makes a one-time token, which is returned only here.
func (c *Component) CreateEnrolment(ctx context.Context, name, team string, expires time.Duration) (Enrolment, string, error) {
	if expires == 0 {
		expires = c.cfg.TokenExpires
	}
	if expires < time.Minute || expires > 90*24*time.Hour {
		return Enrolment{}, "", core.Invalid("expiresIn", "must be from 1m to 2160h")
	}
	token, hash, err := newToken()
	if err != nil {
		return Enrolment{}, "", err
	}
	now, by := c.deps.Clock.Now(), actor(ctx)
	e := Enrolment{ID: c.deps.IDs.New(), Name: name, Team: team, State: "open", CreatedBy: by.Name, CreatedAt: now, ExpiresAt: now.Add(expires)}
	err = c.deps.DB.Write(ctx, func(tx *sqldb.Tx) error {
		_, err := tx.Exec(ctx, `INSERT INTO agents_enrolment (id, hash, name, team, created_by, created_at, expires_at, used_at, revoked_at, agent)
			VALUES ($1, $2, $3, $4, $5, $6, $7, 0, 0, '')`, e.ID, hash, name, team, by.Name, core.Micros(now), core.Micros(e.ExpiresAt))
		if err != nil {
			return err
		}
		return c.recordEnrolment(ctx, tx, "created", e, by)
	})
	return e, token, err
}

func (c *Component) recordEnrolment(ctx context.Context, tx *sqldb.Tx, verb string, e Enrolment, by ledger.Actor) error {
	data, err := json.Marshal(e)
	if err != nil {
		return err
	}
	_, err = c.deps.Ledger.Append(ctx, tx, ledger.Entry{Actor: by, Module: "agents", Type: "agents.enrolment." + verb, Team: e.Team,
		Subject: core.Ref{Kind: "enrolment", ID: e.ID}, Summary: strings.TrimSpace(fmt.Sprintf("enrolment token %s %s", e.Name, verb)), Data: data})
	return err
}

// RevokeEnrolment makes a token useless. One that was used already stays so.
func (c *Component) RevokeEnrolment(ctx context.Context, id string) (e Enrolment, err error) {
	now := c.deps.Clock.Now()
	err = c.deps.DB.Write(ctx, func(tx *sqldb.Tx) error {
		e, err = scanEnrolment(now, tx.QueryRow(ctx, "SELECT "+enrolmentColumns+" FROM agents_enrolment e WHERE e.id = $1", id).Scan)
		if errors.Is(err, sqldb.ErrNoRows) || err == nil && !teamAllowed(ctx, "agents:admin", e.Team) {
			return core.NotFound("enrolment", id)
		}
		if err != nil || e.State == "revoked" {
			return err
		}
		if e.State == "used" {
			return core.Errorf(core.CodeConflict, "the token was used already; remove the agent instead")
		}
		if _, err := tx.Exec(ctx, "UPDATE agents_enrolment SET revoked_at = $1 WHERE id = $2", core.Micros(now), id); err != nil {
			return err
		}
		e.State, e.RevokedAt = "revoked", now
		return c.recordEnrolment(ctx, tx, "revoked", e, actor(ctx))
	})
	return e, err
}

// teamAllowed says whether the caller may touch a record of the team.
func teamAllowed(ctx context.Context, permission auth.Permission, team string) bool {
	return auth.From(ctx).Scope(permission).Allows(team)
}

// Enrol gives a host with a valid token an identity. The same host may ask
// again, when it missed the answer, and gets the same one; a host that is
// enrolled already leaves the token unused. What is wrong with a token is not
// told to whoever holds it.
func (c *Component) Enrol(ctx context.Context, r protocol.EnrolRequest) (protocol.EnrolReply, error) {
	if c.failures.TokensAt(c.deps.Clock.Now()) < 1 {
		return protocol.EnrolReply{}, core.Errorf(core.CodeTooMany, "too many failed enrolments; try again later")
	}
	if !nkeys.IsValidPublicUserKey(r.Key) {
		return protocol.EnrolReply{}, core.Invalid("key", "must be a public user nkey (U...)")
	}
	var a Agent
	now := c.deps.Clock.Now()
	err := c.deps.DB.Write(ctx, func(tx *sqldb.Tx) error {
		e, err := scanEnrolment(now, tx.QueryRow(ctx, "SELECT "+enrolmentColumns+" FROM agents_enrolment e WHERE e.hash = $1", hashToken(r.Token)).Scan)
		if err != nil && !errors.Is(err, sqldb.ErrNoRows) {
			return err
		}
		if err == nil && e.State == "used" {
			if a, err = c.agent(ctx, tx, e.Agent); err == nil && a.Key == r.Key {
				return nil
			}
		}
		if err != nil || e.State != "open" {
			return errToken
		}
		a, err = scanAgent(tx.QueryRow(ctx, "SELECT "+agentColumns+" FROM agents_agent a WHERE a.nkey = $1", r.Key).Scan)
		if !errors.Is(err, sqldb.ErrNoRows) {
			return err
		}
		if r.Name == "" {
			r.Name = e.Name
		}
		if a, err = c.insert(ctx, tx, r, e.Team, false); err != nil {
			return err
		}
		_, err = tx.Exec(ctx, "UPDATE agents_enrolment SET used_at = $1, agent = $2 WHERE id = $3", core.Micros(now), a.ID, e.ID)
		return err
	})
	if errors.Is(err, errToken) {
		c.failures.AllowN(now, 1)
	}
	return protocol.EnrolReply{Agent: a.ID, Name: a.Name}, err
}

var errToken = core.Errorf(core.CodeForbidden, "the enrolment token is not valid: unknown, used, expired or revoked")

// EnrolResident gives the agent inside this process its identity; it needs no
// token, and gets the same identity at every start.
func (c *Component) EnrolResident(ctx context.Context, r protocol.EnrolRequest) (protocol.EnrolReply, error) {
	if !nkeys.IsValidPublicUserKey(r.Key) {
		return protocol.EnrolReply{}, core.Invalid("key", "must be a public user nkey (U...)")
	}
	var a Agent
	err := c.deps.DB.Write(ctx, func(tx *sqldb.Tx) error {
		var err error
		a, err = scanAgent(tx.QueryRow(ctx, "SELECT "+agentColumns+" FROM agents_agent a WHERE a.nkey = $1", r.Key).Scan)
		if errors.Is(err, sqldb.ErrNoRows) {
			a, err = c.insert(ctx, tx, r, "", true)
		}
		return err
	})
	return protocol.EnrolReply{Agent: a.ID, Name: a.Name}, err
}

// insert records a new agent, under the name it asks for or one like it.
func (c *Component) insert(ctx context.Context, tx *sqldb.Tx, r protocol.EnrolRequest, team string, resident bool) (Agent, error) {
	now := c.deps.Clock.Now()
	a := Agent{ID: c.deps.IDs.New(), Team: team, Key: r.Key, Hostname: r.Hostname, OS: r.OS, Arch: r.Arch, Version: r.Version,
		Resident: resident, EnrolledAt: now, ChangedAt: now}
	var err error
	if a.Name, err = c.freeName(ctx, tx, r); err != nil {
		return a, err
	}
	_, err = tx.Exec(ctx, `INSERT INTO agents_agent (id, name, nkey, team, hostname, os, arch, version, capabilities, policy, item, instance,
		resident, connected, enrolled_at, changed_at, seen_at, queued, dropped, lag)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8, '[]', '{"checks":[],"runbooks":[]}', '', '', $9, FALSE, $10, $10, 0, 0, 0, 0)`,
		a.ID, a.Name, a.Key, a.Team, a.Hostname, a.OS, a.Arch, a.Version, resident, core.Micros(now))
	if sqldb.IsUnique(err) {
		return a, core.Errorf(core.CodeConflict, "this key is enrolled already")
	}
	if err != nil {
		return a, err
	}
	return a, c.record(ctx, tx, "enrolled", a, ledger.Actor{Kind: auth.KindAgent, ID: a.ID, Name: a.Name}, fmt.Sprintf("agent %s enrolled (%s/%s, version %s)", a.Name, a.OS, a.Arch, a.Version))
}

// freeName is the wished name, with a number when another agent has it.
func (c *Component) freeName(ctx context.Context, tx *sqldb.Tx, r protocol.EnrolRequest) (string, error) {
	wish := strings.TrimSpace(r.Name)
	if wish == "" {
		wish = r.Hostname
	}
	if wish == "" {
		wish = "agent"
	}
	for n := 1; ; n++ {
		name := wish
		if n > 1 {
			name = fmt.Sprintf("%s-%d", wish, n)
		}
		var taken int
		if err := tx.QueryRow(ctx, "SELECT count(*) FROM agents_agent WHERE name = $1", name).Scan(&taken); err != nil {
			return "", err
		}
		if taken == 0 {
			return name, nil
		}
	}
}
