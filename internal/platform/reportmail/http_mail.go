package reportmail

import (
	"context"
	"net/http"
	"time"

	"mainstay/internal/core"
	"mainstay/internal/platform/auth"
	"mainstay/internal/platform/httpapi"
)

// View is a mail of reports and how sending it goes.
type View struct {
	Name    string     `json:"name"`
	Spec    Spec       `json:"spec"`
	Due     *time.Time `json:"due,omitempty" doc:"When it is sent next"`
	Sent    *time.Time `json:"sent,omitempty" doc:"When it was sent last by its schedule"`
	Problem string     `json:"problem,omitempty" doc:"Why it was not sent though it is due"`
}

type listOutput struct {
	Body struct {
		Items []View `json:"items" nullable:"false"`
		Mail  bool   `json:"mail" doc:"A mail server is configured"`
	}
}

type byName struct {
	Name string `path:"name" maxLength:"200"`
}

// Routes registers what can be asked.
func (c *Component) Routes(api *httpapi.API) {
	httpapi.Handle(api, httpapi.Route{ID: "list-report-mails", Method: http.MethodGet, Path: "/report-mails", Summary: "Reports that are sent by mail", Tag: "Reports", Permission: "report-mails:read"},
		func(ctx context.Context, _ *struct{}) (*listOutput, error) {
			if !auth.From(ctx).Scope("report-mails:read").All {
				return nil, core.Errorf(core.CodeForbidden, "mails of reports belong to no team: this needs report-mails:read everywhere")
			}
			list, err := c.entries(ctx, c.deps.DB)
			out := &listOutput{}
			out.Body.Items, out.Body.Mail = []View{}, c.deps.Mail.Configured()
			for _, e := range list {
				v := View{Name: e.name, Spec: e.spec, Problem: e.problem}
				if !e.spec.Disabled {
					v.Due = &e.due
				}
				if !e.sent.IsZero() {
					v.Sent = &e.sent
				}
				out.Body.Items = append(out.Body.Items, v)
			}
			return out, err
		})
	httpapi.Handle(api, httpapi.Route{ID: "send-report-mail", Method: http.MethodPost, Path: "/report-mails/{name}/send", Summary: "Send the report of the last week or month now", Tag: "Reports", Permission: "report-mails:write", Status: http.StatusNoContent},
		func(ctx context.Context, in *byName) (*struct{}, error) { return nil, c.SendNow(ctx, in.Name) })
}
