package oncall

import (
	"context"
	"log/slog"
	"net/http"

	"mainstay/internal/core"
	"mainstay/internal/events/oncall/channel"
	"mainstay/internal/platform/auth"
	"mainstay/internal/platform/ledger"
	"mainstay/internal/platform/sqldb"
	"mainstay/internal/platform/tasks"
)

// Situation is what a page may use of a situation, as it is now.
type Situation struct {
	ID           string
	Open         bool
	Title        string
	Severity     core.Severity
	Team         string
	Acknowledged string // by whom; "" by nobody
	Snoozed      bool   // all that is wrong in it is snoozed
	Services     []string
	Classes      []string            // of the items its alerts are about
	Labels       []map[string]string // of its alerts
	Root         string              // what it is blamed on
	Alerts       int64
}

// Situations are the module's own, as pages see them.
type Situations interface {
	// Situation returns one; core.CodeNotFound when there is none. Classes and
	// labels are read only when full.
	Situation(ctx context.Context, id string, full bool) (Situation, error)
	// Acknowledge says that the principal of ctx has it.
	Acknowledge(ctx context.Context, id, note string) error
	// Close ends it by the principal of ctx.
	Close(ctx context.Context, id, note string) error
}

// Person is who can be told.
type Person struct {
	ID       string
	Username string
	Name     string
	Email    string
	Active   bool
}

// People knows users and teams.
type People interface {
	// ByID and ByUsername return core.CodeNotFound when there is nobody.
	ByID(ctx context.Context, id string) (Person, error)
	ByUsername(ctx context.Context, username string) (Person, error)
	// Members are the people of a team, named by id or name; core.CodeNotFound without such a team.
	Members(ctx context.Context, team string) ([]Person, error)
	// Principal is what the person may do; nil when they may not sign in.
	Principal(ctx context.Context, id string) (*auth.Principal, error)
}

// Secrets opens secrets for channels, and keeps those of this package.
type Secrets interface {
	Reveal(ctx context.Context, reference string, by core.Ref, team string) (string, error)
	PutInternal(ctx context.Context, tx *sqldb.Tx, name string, value []byte) error
	GetInternal(ctx context.Context, q sqldb.Querier, name string) ([]byte, error)
}

// Events takes events: of gaps in rotas.
type Events interface {
	Accept(ctx context.Context, events []core.Event) error
}

// Dependencies of the component; all are needed.
type Dependencies struct {
	DB         *sqldb.DB
	Ledger     *ledger.Ledger
	Tasks      *tasks.Component
	Situations Situations
	People     People
	Secrets    Secrets
	Events     Events
	Mail       channel.Mailer
	HTTP       *http.Client  // guarded
	Address    func() string // of the installation, as people reach it
	Clock      core.Clock
	IDs        *core.IDs
	Log        *slog.Logger
}
