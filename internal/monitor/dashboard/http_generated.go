package dashboard

import (
	"context"
	"net/http"

	"mainstay/internal/core"
	"mainstay/internal/platform/auth"
	"mainstay/internal/platform/httpapi"
)

// Generated is a dashboard that was made on request.
type Generated struct {
	Item  string `json:"item" doc:"id of the item it is about"`
	Name  string `json:"name" doc:"of the item"`
	Class string `json:"class"`
	Spec  Spec   `json:"spec"`
}

// Choice is an item a variable may have as its value.
type Choice struct {
	ID    string `json:"id"`
	Name  string `json:"name"`
	Class string `json:"class"`
}

// mostChoices bounds the items of one variable or map.
const mostChoices = 2000

type (
	classInput struct {
		Class string `path:"class" maxLength:"120"`
		Item  string `query:"item" maxLength:"64" doc:"id of an item of the class; the first one when left out"`
	}
	classOutput  struct{ Body Generated }
	choicesInput struct {
		Selector string `query:"selector" required:"true" maxLength:"1000" doc:"conditions joined by and, such as class=host and name~web"`
	}
	choicesOutput struct {
		Body struct {
			Items []Choice `json:"items" nullable:"false"`
			More  bool     `json:"more" doc:"there are others"`
		}
	}
)

func (c *Component) generatedRoutes(api *httpapi.API) {
	httpapi.Handle(api, httpapi.Route{ID: "get-class-dashboard", Method: http.MethodGet, Path: "/dashboard-classes/{class}", Summary: "Make the dashboard of an item of a class", Tag: tag, Permission: "dashboards:read",
		Details: "It is made of what is measured of the item, at this moment, and not stored: copy its spec to keep it."}, c.httpGenerated)
	httpapi.Handle(api, httpapi.Route{ID: "list-dashboard-items", Method: http.MethodGet, Path: "/dashboard-items", Summary: "List the items a selector matches, by name", Tag: tag, Permission: "dashboards:read",
		Details: "For variables and maps; of items the caller may see."}, c.httpChoices)
}

// item reads an item that the caller may see.
func (c *Component) item(ctx context.Context, id string) (Item, error) {
	item, err := c.deps.Items.Item(ctx, id)
	if err != nil {
		return Item{}, err
	}
	if !auth.From(ctx).Scope("items:read").Allows(item.Team) {
		return Item{}, core.NotFound("item", id)
	}
	return item, nil
}

func (c *Component) httpGenerated(ctx context.Context, in *classInput) (*classOutput, error) {
	id := in.Item
	if id == "" {
		choices, _, err := c.choices(ctx, "class="+in.Class, 1)
		if err != nil {
			return nil, err
		}
		if len(choices) == 0 {
			return nil, core.Errorf(core.CodeNotFound, "there is no item of the class %s", in.Class)
		}
		id = choices[0].ID
	}
	item, err := c.item(ctx, id)
	if err != nil {
		return nil, err
	}
	spec, err := c.Generate(ctx, item)
	return &classOutput{Generated{Item: item.ID, Name: item.Name, Class: item.Class, Spec: spec}}, err
}

// choices lists what a selector matches and the caller may see, at most limit.
func (c *Component) choices(ctx context.Context, selector string, limit int) ([]Choice, bool, error) {
	ids, err := c.deps.Items.Select(ctx, selector)
	if err != nil {
		return nil, false, err
	}
	out := []Choice{}
	for _, id := range ids {
		item, err := c.item(ctx, id)
		if core.CodeOf(err) == core.CodeNotFound {
			continue
		}
		if err != nil {
			return nil, false, err
		}
		if len(out) == limit {
			return out, true, nil
		}
		out = append(out, Choice{item.ID, item.Name, item.Class})
	}
	return out, false, nil
}

func (c *Component) httpChoices(ctx context.Context, in *choicesInput) (*choicesOutput, error) {
	out := &choicesOutput{}
	var err error
	out.Body.Items, out.Body.More, err = c.choices(ctx, in.Selector, mostChoices)
	return out, err
}
