package monitor

import (
	"context"
	"errors"
	"net/http"
	"strconv"
	"time"

	"mainstay/internal/core"
	"mainstay/internal/platform/httpapi"
	"mainstay/internal/platform/sqldb"
)

// keepScreenshots is how many pictures of each target are kept.
const keepScreenshots = 10

// pictured says whether the picture of a result is kept: of a fault that lasts, those
// until it is confirmed are; the later ones show the same.
func (o *outcome) pictured() bool {
	return len(o.screenshot) > 0 && (!o.state.Hard || o.change.Hard || o.await)
}

// saveScreenshot keeps the picture of a result, and the newest of its target.
func (s *store) saveScreenshot(ctx context.Context, tx *sqldb.Tx, o *outcome) error {
	if _, err := tx.Exec(ctx, "INSERT INTO monitor_screenshot (target, at, image) VALUES ($1,$2,$3) ON CONFLICT (target, at) DO NOTHING",
		o.target.id, core.Micros(o.result.At), o.screenshot); err != nil {
		return err
	}
	_, err := tx.Exec(ctx, "DELETE FROM monitor_screenshot WHERE target = $1 AND at <= COALESCE((SELECT at FROM monitor_screenshot WHERE target = $1 ORDER BY at DESC LIMIT 1 OFFSET $2), -1)", o.target.id, keepScreenshots)
	return err
}

func (s *store) screenshot(ctx context.Context, target string, at time.Time) (image []byte, err error) {
	err = s.db.QueryRow(ctx, "SELECT image FROM monitor_screenshot WHERE target = $1 AND at = $2", target, core.Micros(at)).Scan(&image)
	if errors.Is(err, sqldb.ErrNoRows) {
		return nil, core.NotFound("screenshot", at.Format(time.RFC3339Nano))
	}
	return image, err
}

type screenshotInput struct {
	ByID
	At     time.Time `query:"at" required:"true" doc:"at of the result"`
	Target string    `query:"target" maxLength:"26" doc:"one target of a check that has several"`
}

type screenshotOutput struct {
	Type   string `header:"Content-Type"`
	Length string `header:"Content-Length"`
	Cache  string `header:"Cache-Control"`
	Sniff  string `header:"X-Content-Type-Options"`
	Body   []byte
}

func (c *Component) screenshotRoute(api *httpapi.API) {
	httpapi.Handle(api, httpapi.Route{ID: "get-check-screenshot", Method: http.MethodGet, Path: "/checks/{id}/screenshot", Summary: "Show the page that a browser check failed on", Tag: tag, Permission: "checks:read",
		Details: "A picture (JPEG) of what was to be seen, for results that say they have one. What variables of the check were filled in is covered."}, c.httpScreenshot)
}

func (c *Component) httpScreenshot(ctx context.Context, in *screenshotInput) (*screenshotOutput, error) {
	target, _, err := c.targetOf(ctx, in.ByID, in.Target)
	if err != nil {
		return nil, err
	}
	image, err := c.store.screenshot(ctx, target, in.At)
	if err != nil {
		return nil, err
	}
	return &screenshotOutput{Type: "image/jpeg", Length: strconv.Itoa(len(image)), Cache: "private, max-age=86400, immutable", Sniff: "nosniff", Body: image}, nil
}

// targetOf is the target that an address means, of a check that the caller may see.
func (c *Component) targetOf(ctx context.Context, ref ByID, target string) (string, *Check, error) {
	check, err := c.visible(ctx, ref.ID, "read")
	if err != nil {
		return "", nil, err
	}
	if target == "" {
		if target = ref.ID; target == check.Name {
			target = check.ID
		}
	}
	owner, err := c.store.checkBy(ctx, c.deps.DB, target)
	if err != nil || owner.ID != check.ID {
		return "", nil, core.Invalid("target", "is not a target of this check")
	}
	return target, check, nil
}
