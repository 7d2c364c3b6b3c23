package wire

import (
	"bytes"
	"context"
	"encoding/json"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"sync"

	"mainstay/internal/platform/auth"
	"mainstay/internal/platform/httpapi"
)

// searched is a list that the global search looks in, and which fields of its
// rows tell a person what was found.
type searched struct {
	kind   string
	path   string
	title  []string // the first that is not empty
	detail []string // joined
}

var searchedLists = []searched{
	{"item", "/api/v1/items", []string{"name"}, []string{"class", "state"}},
	{"incident", "/api/v1/incidents", []string{"title"}, []string{"number", "state"}},
	{"situation", "/api/v1/situations", []string{"title"}, []string{"severity", "state"}},
	{"alert", "/api/v1/alerts", []string{"title"}, []string{"severity", "state"}},
	{"check", "/api/v1/checks", []string{"name"}, []string{"kind", "status"}},
	{"runbook", "/api/v1/runbooks", []string{"title", "name"}, []string{"description"}},
	{"agent", "/api/v1/agents", []string{"name"}, []string{"hostname"}},
	{"user", "/api/v1/users", []string{"name", "username"}, []string{"username"}},
}

// hit is one thing the search found.
type hit struct {
	Kind   string `json:"kind" enum:"item,incident,situation,alert,check,runbook,agent,user"`
	ID     string `json:"id"`
	Title  string `json:"title"`
	Detail string `json:"detail,omitempty"`
}

type searchInput struct {
	Q     string `query:"q" required:"true" minLength:"1" maxLength:"400" doc:"Words to look for"`
	Limit int    `query:"limit" minimum:"0" maximum:"20" doc:"Hits of each kind; 5 when absent"`
}

type searchOutput struct {
	Body struct {
		Hits []hit `json:"hits" nullable:"false"`
	}
}

// searchRoute looks through the lists with the caller's own rights: each list
// is asked as the caller would ask it, and one that is refused has no hits.
func (s *System) searchRoute() {
	httpapi.Handle(s.api, httpapi.Route{ID: "search", Method: http.MethodGet, Path: "/search", Tag: "Search", Permission: auth.SignedIn,
		Summary: "Find items, incidents, situations, alerts, checks, runbooks, agents and users by words"},
		func(ctx context.Context, in *searchInput) (*searchOutput, error) {
			limit := in.Limit
			if limit == 0 {
				limit = 5
			}
			found := make([][]hit, len(searchedLists))
			var all sync.WaitGroup
			for i, list := range searchedLists {
				all.Go(func() { found[i] = s.searchList(ctx, list, in.Q, limit) })
			}
			all.Wait()
			out := &searchOutput{}
			out.Body.Hits = []hit{}
			for _, hits := range found {
				out.Body.Hits = append(out.Body.Hits, hits...)
			}
			return out, nil
		})
}

func (s *System) searchList(ctx context.Context, list searched, q string, limit int) []hit {
	query := url.Values{"q": {q}, "limit": {strconv.Itoa(limit)}}
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, list.path+"?"+query.Encode(), nil)
	if err != nil {
		return nil
	}
	answer := &memoryResponse{header: http.Header{}}
	s.api.Handler().ServeHTTP(answer, request)
	var page struct {
		Items []map[string]any `json:"items"`
	}
	if answer.status >= 300 || json.Unmarshal(answer.body.Bytes(), &page) != nil {
		return nil
	}
	var hits []hit
	for _, row := range page.Items {
		h := hit{Kind: list.kind, ID: text(row["id"])}
		for _, field := range list.title {
			if h.Title == "" {
				h.Title = text(row[field])
			}
		}
		var details []string
		for _, field := range list.detail {
			if d := text(row[field]); d != "" {
				details = append(details, d)
			}
		}
		h.Detail = strings.Join(details, " · ")
		hits = append(hits, h)
	}
	return hits
}

func text(v any) string {
	s, _ := v.(string)
	return s
}

// memoryResponse keeps an answer in memory.
type memoryResponse struct {
	header http.Header
	status int
	body   bytes.Buffer
}

func (r *memoryResponse) Header() http.Header { return r.header }

func (r *memoryResponse) WriteHeader(status int) {
	if r.status == 0 {
		r.status = status
	}
}

func (r *memoryResponse) Write(p []byte) (int, error) {
	r.WriteHeader(http.StatusOK)
	return r.body.Write(p)
}
