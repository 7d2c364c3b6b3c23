package oncall

import (
	"context"
	"sort"
	"time"

	"mainstay/internal/core"
	"mainstay/internal/events/oncall/roster"
	"mainstay/internal/platform/auth"
	"mainstay/internal/platform/sqldb"
)

// Report is what being on call cost in a stretch of time.
type Report struct {
	From         time.Time      `json:"from"`
	To           time.Time      `json:"to"`
	Pages        int            `json:"pages"`
	Acknowledged int            `json:"acknowledged" doc:"Of them, by a person"`
	Exhausted    int            `json:"exhausted" doc:"Of them, that nobody acknowledged before the steps were through"`
	MTTA         float64        `json:"mttaSeconds" doc:"Mean time from the page to its acknowledgement"`
	Median       float64        `json:"medianSeconds"`
	MTTR         float64        `json:"mttrSeconds" doc:"Mean time to the end of the situation"`
	Failed       int            `json:"failed" doc:"Messages that could not be delivered"`
	People       []PersonReport `json:"people" nullable:"false"`
	Hours        []int          `json:"hours" nullable:"false" doc:"Pages by hour of the day, UTC"`
}

// PersonReport is one person's part.
type PersonReport struct {
	Person   string  `json:"person" doc:"User id"`
	Name     string  `json:"name"`
	Pages    int     `json:"pages" doc:"Pages they were told of"`
	Messages int     `json:"messages" doc:"Messages that reached them"`
	Night    int     `json:"night" doc:"Pages that reached them in their night, 22:00 to 07:00"`
	Nights   int     `json:"nights" doc:"Nights in which they were told of any"`
	Hours    float64 `json:"hours" doc:"Hours on call by all rotas"`
	PerHour  float64 `json:"pagesPerHour" doc:"Pages by hour on call; 0 without duty"`
}

// mostReported bounds the pages of one report.
const mostReported = 20_000

// Report sums up from..to for what the caller may see.
func (c *Component) Report(ctx context.Context, from, to time.Time) (Report, error) {
	if !from.Before(to) || to.Sub(from) > longestSchedule {
		return Report{}, core.Invalid("to", "must be after from, by at most 370 days")
	}
	r := Report{From: from, To: to, People: []PersonReport{}, Hours: make([]int, 24)}
	pages, err := pagesWhere(ctx, c.deps.DB, "opened_at >= $1 AND opened_at < $2 ORDER BY opened_at LIMIT $3", core.Micros(from), core.Micros(to), mostReported)
	if err != nil {
		return r, err
	}
	scope := auth.From(ctx).Scope("oncall:read")
	seen := map[string]bool{}
	var waits []float64
	ended, took := 0, 0.0
	for _, p := range pages {
		if !scope.Allows(p.Team) {
			continue
		}
		seen[p.ID] = true
		r.Pages++
		r.Hours[p.OpenedAt.UTC().Hour()]++
		if p.AcknowledgedAt != nil {
			r.Acknowledged++
			waits = append(waits, p.AcknowledgedAt.Sub(p.OpenedAt).Seconds())
		}
		if p.Exhausted {
			r.Exhausted++
		}
		if p.ResolvedAt != nil {
			ended++
			took += p.ResolvedAt.Sub(p.OpenedAt).Seconds()
		}
	}
	if len(waits) > 0 {
		sort.Float64s(waits)
		r.MTTA, r.Median = sum64(waits)/float64(len(waits)), waits[len(waits)/2]
	}
	if ended > 0 {
		r.MTTR = took / float64(ended)
	}
	return r, c.addPeople(ctx, &r, seen)
}

func sum64(list []float64) (sum float64) {
	for _, v := range list {
		sum += v
	}
	return sum
}

func (c *Component) addPeople(ctx context.Context, r *Report, seen map[string]bool) error {
	type row struct {
		page, person, name, state string
		night                     bool
		at                        time.Time
	}
	rows, err := c.deps.DB.Query(ctx, `SELECT page, person, name, state, night, created_at FROM oncall_delivery WHERE created_at >= $1 AND created_at < $2 AND purpose = 'page'
		ORDER BY created_at LIMIT $3`, core.Micros(r.From), core.Micros(r.To), mostReported*5)
	list, err := sqldb.Collect(rows, err, func(rows *sqldb.Rows) (v row, err error) {
		var night, at int64
		err = rows.Scan(&v.page, &v.person, &v.name, &v.state, &night, &at)
		v.night, v.at = night != 0, core.FromMicros(at)
		return v, err
	})
	if err != nil {
		return err
	}
	people := map[string]*PersonReport{}
	of := func(id, name string) *PersonReport {
		if people[id] == nil {
			people[id] = &PersonReport{Person: id, Name: name}
		}
		return people[id]
	}
	once := map[string]bool{}
	first := func(key string) bool {
		fresh := !once[key]
		once[key] = true
		return fresh
	}
	for _, v := range list {
		if !seen[v.page] && v.page != "" {
			continue
		}
		if v.state == deliveryFailed {
			r.Failed++
		}
		if v.person == "" || v.state != deliverySent {
			continue
		}
		p := of(v.person, v.name)
		p.Messages++
		if first("page/" + v.person + v.page) {
			p.Pages++
			if v.night {
				p.Night++
			}
		}
		if v.night && first("night/"+v.person+v.at.Add(-12*time.Hour).Format(time.DateOnly)) {
			p.Nights++
		}
	}
	if err := c.addDuty(ctx, r, of); err != nil {
		return err
	}
	for _, p := range people {
		if p.Hours > 0 {
			p.PerHour = float64(p.Pages) / p.Hours
		}
		r.People = append(r.People, *p)
	}
	sort.Slice(r.People, func(i, j int) bool {
		if r.People[i].Pages != r.People[j].Pages {
			return r.People[i].Pages > r.People[j].Pages
		}
		return r.People[i].Name < r.People[j].Name
	})
	return nil
}

// addDuty adds the hours that each had duty, by all rotas the caller may see.
func (c *Component) addDuty(ctx context.Context, r *Report, of func(id, name string) *PersonReport) error {
	rotas, err := c.visible(ctx, kindRota)
	if err != nil {
		return err
	}
	for _, d := range rotas {
		rota, err := rotaOf(d)
		if err != nil {
			return err
		}
		over, _, err := forRoster(ctx, c.deps.DB, d.Name, r.From, r.To)
		if err != nil {
			return err
		}
		for username, load := range roster.Loads(rota.Final(r.From, r.To, over), rota.Zone()) {
			who, err := c.deps.People.ByUsername(ctx, username)
			if core.CodeOf(err) == core.CodeNotFound {
				who = Person{ID: username, Name: username}
			} else if err != nil {
				return err
			}
			of(who.ID, who.Name).Hours += load.Total.Hours()
		}
	}
	return nil
}
