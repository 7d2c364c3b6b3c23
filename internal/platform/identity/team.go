package identity

import (
	"context"
	"strings"
	"time"

	"mainstay/internal/core"
	"mainstay/internal/platform/sqldb"
)

// Team owns records. Its members are the users with a grant for it.
type Team struct {
	ID          string    `json:"id"`
	Name        string    `json:"name"`
	Description string    `json:"description,omitempty"`
	Members     int64     `json:"members"`
	Created     time.Time `json:"created"`
	Changed     time.Time `json:"changed"`
}

// TeamInput is what is said of a team.
type TeamInput struct {
	Name        string `json:"name" maxLength:"100"`
	Description string `json:"description,omitempty" maxLength:"1000"`
}

const (
	teamSelect = `t.id, t.name, t.description, t.created, t.changed, (SELECT COUNT(DISTINCT g.user_id) FROM auth_grant g WHERE g.team = t.id)`
	teamFrom   = `auth_team t`
)

func scanTeam(scan func(dest ...any) error) (t Team, err error) {
	var created, changed int64
	err = scan(&t.ID, &t.Name, &t.Description, &created, &changed, &t.Members)
	t.Created, t.Changed = core.FromMicros(created), core.FromMicros(changed)
	return t, err
}

// Team returns one team.
func (c *Component) Team(ctx context.Context, id string) (Team, error) {
	return readTeam(ctx, c.deps.DB, id)
}

func readTeam(ctx context.Context, q sqldb.Querier, id string) (Team, error) {
	rows, err := q.Query(ctx, "SELECT "+teamSelect+" FROM "+teamFrom+" WHERE t.id = $1", id)
	found, err := sqldb.Collect(rows, err, func(rows *sqldb.Rows) (Team, error) { return scanTeam(rows.Scan) })
	if err != nil {
		return Team{}, err
	}
	if len(found) == 0 {
		return Team{}, core.NotFound("team", id)
	}
	return found[0], nil
}

// Teams maps the ids of all teams to their names.
func (c *Component) Teams(ctx context.Context) (map[string]string, error) {
	return teamNames(ctx, c.deps.DB)
}

// Members returns the active users who have a grant for the team, by name.
func (c *Component) Members(ctx context.Context, team string) ([]User, error) {
	rows, err := c.deps.DB.Query(ctx, accountColumns+` WHERE u.active AND EXISTS
		(SELECT 1 FROM auth_grant g WHERE g.user_id = u.id AND g.team = $1) ORDER BY u.name, u.id`, team)
	found, err := sqldb.Collect(rows, err, func(rows *sqldb.Rows) (account, error) { return scanAccount(rows.Scan) })
	users := make([]User, len(found))
	for i, a := range found {
		users[i] = a.User
	}
	return users, err
}

// PutTeam makes a team (id "") or changes one.
func (c *Component) PutTeam(ctx context.Context, id string, in TeamInput) (t Team, err error) {
	if in.Name = strings.TrimSpace(in.Name); in.Name == "" {
		return Team{}, core.Invalid("name", "must not be empty")
	}
	now, verb := core.Micros(c.deps.Clock.Now()), "changed"
	create := id == ""
	if create {
		id, verb = c.deps.IDs.New(), "created"
	}
	err = c.write(ctx, func(tx *sqldb.Tx) error {
		if create {
			_, err = tx.Exec(ctx, `INSERT INTO auth_team (id, name, description, created, changed) VALUES ($1, $2, $3, $4, $4)`,
				id, in.Name, in.Description, now)
		} else {
			_, err = tx.Exec(ctx, `UPDATE auth_team SET name = $2, description = $3, changed = $4 WHERE id = $1`, id, in.Name, in.Description, now)
		}
		if sqldb.IsUnique(err) {
			return core.Errorf(core.CodeConflict, "there is a team %q already", in.Name)
		}
		if err != nil {
			return err
		}
		if t, err = readTeam(ctx, tx, id); err != nil {
			return err
		}
		return c.record(ctx, tx, "team."+verb, core.Ref{Kind: "team", ID: id}, verb+" the team "+in.Name, in)
	})
	return t, err
}

// DeleteTeam removes a team and the grants for it. Its records become visible
// to those with grants everywhere only.
func (c *Component) DeleteTeam(ctx context.Context, id string) error {
	return c.write(ctx, func(tx *sqldb.Tx) error {
		t, err := readTeam(ctx, tx, id)
		if err != nil {
			return err
		}
		if _, err := tx.Exec(ctx, `DELETE FROM auth_grant WHERE team = $1`, id); err != nil {
			return err
		}
		if _, err := tx.Exec(ctx, `DELETE FROM auth_team WHERE id = $1`, id); err != nil {
			return err
		}
		return c.record(ctx, tx, "team.deleted", core.Ref{Kind: "team", ID: id}, "deleted the team "+t.Name, nil)
	})
}
