package roster

import (
	"encoding/json"
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"time"

	"mainstay/internal/core"
	"mainstay/internal/platform/calendar"
	"mainstay/internal/platform/declare"
)

// Rota is the spec of a document of kind Rota.
type Rota struct {
	Title     string  `json:"title,omitempty" maxLength:"200"`
	Team      string  `json:"team,omitempty" maxLength:"100" doc:"The team it belongs to"`
	TimeZone  string  `json:"timeZone" maxLength:"60" doc:"IANA zone whose clock says when duty is handed over: Europe/Berlin"`
	Layers    []Layer `json:"layers" minItems:"1" maxItems:"20" doc:"A later layer goes before an earlier one"`
	AllowGaps bool    `json:"allowGaps,omitempty" doc:"Nobody is told of times without anybody on call"`

	zone *time.Location
}

// Layer is one rotation of people.
type Layer struct {
	Name   string   `json:"name,omitempty" maxLength:"100"`
	People []string `json:"people" minItems:"1" maxItems:"100" doc:"User names, in the order of duty"`
	Start  string   `json:"start" maxLength:"16" doc:"When the first person begins, on the rota's clock: 2026-11-02T09:00"`
	End    string   `json:"end,omitempty" maxLength:"16" doc:"When the layer ends for good, on the rota's clock"`
	Every  string   `json:"every,omitempty" maxLength:"8" doc:"How long each person has duty: 12h, 1d or 1w; or give rule"`
	Rule   string   `json:"rule,omitempty" maxLength:"500" doc:"RFC 5545 rule of the hand-overs: FREQ=WEEKLY;BYDAY=MO,FR;BYHOUR=9"`
	Hours  []Hours  `json:"hours,omitempty" maxItems:"50" doc:"When the layer counts; always when absent"`

	start, end time.Time // what the clock on the wall shows, written as UTC
	days       int       // of Every in days, or
	length     time.Duration
	rule       *calendar.Recurrence
}

// Hours restrict a layer to a part of some days.
type Hours struct {
	Days []string `json:"days,omitempty" maxItems:"7" doc:"mon, tue, wed, thu, fri, sat, sun; every day when absent"`
	From string   `json:"from" maxLength:"5" doc:"HH:MM"`
	To   string   `json:"to" maxLength:"5" doc:"HH:MM; not after from: on the following day. 24:00 ends the day"`

	days     [7]bool
	from, to time.Duration
}

// local is how a time on the rota's clock is written.
const local = "2006-01-02T15:04"

// Parse reads and checks the spec of a rota.
func Parse(spec json.RawMessage) (*Rota, error) {
	r := &Rota{}
	if err := declare.Decode(spec, r); err != nil {
		return nil, err
	}
	return r, r.Prepare()
}

// Prepare checks the rota and makes it answer; its errors name every field at fault.
func (r *Rota) Prepare() error {
	var bad []core.Detail
	add := func(field, rule string) { bad = append(bad, core.Detail{Field: "spec." + field, Rule: rule}) }
	zone, err := time.LoadLocation(r.TimeZone)
	if err != nil || r.TimeZone == "" || r.TimeZone == "Local" {
		add("timeZone", "must name an IANA time zone, such as Europe/Berlin or UTC")
		zone = time.UTC
	}
	r.zone = zone
	if len(r.Layers) == 0 || len(r.Layers) > 20 {
		add("layers", "must be 1 to 20 layers")
	}
	for i := range r.Layers {
		r.Layers[i].prepare(zone, func(field, rule string) { add(fmt.Sprintf("layers[%d].%s", i, field), rule) })
	}
	return core.InvalidAll(bad)
}

func (l *Layer) prepare(zone *time.Location, add func(field, rule string)) {
	var err error
	if len(l.People) == 0 || len(l.People) > 100 || slices.Contains(l.People, "") {
		add("people", "must be 1 to 100 user names")
	}
	if l.start, err = time.Parse(local, l.Start); err != nil || l.start.Year() < 1970 || l.start.Year() > 2200 {
		add("start", "must be a time on the clock, such as 2026-11-02T09:00")
	}
	l.end = time.Time{}
	if l.End != "" {
		if l.end, err = time.Parse(local, l.End); err != nil || !l.end.After(l.start) {
			add("end", "must be a time on the clock after start")
		}
	}
	switch {
	case (l.Every == "") == (l.Rule == ""):
		add("every", "give either every or rule")
	case l.Every != "":
		if l.days, l.length, err = parseEvery(l.Every); err != nil {
			add("every", err.Error())
		}
	default:
		if l.rule, err = calendar.ParseRecurrence(l.Rule, calendar.Moment(l.start, zone), zone); err != nil {
			add("rule", err.Error())
		}
	}
	for i := range l.Hours {
		if rule := l.Hours[i].prepare(); rule != "" {
			add(fmt.Sprintf("hours[%d]", i), rule)
		}
	}
}

func parseEvery(text string) (days int, length time.Duration, err error) {
	m := regexp.MustCompile(`^([1-9][0-9]{0,3})([hdw])$`).FindStringSubmatch(text)
	if m == nil {
		return 0, 0, fmt.Errorf("must be a number of h, d or w, such as 12h, 1d or 1w")
	}
	n, _ := strconv.Atoi(m[1])
	switch m[2] {
	case "h":
		return 0, time.Duration(n) * time.Hour, nil
	case "w":
		n *= 7
	}
	return n, 0, nil
}

func (h *Hours) prepare() string {
	var err error
	if h.from, err = clock(h.From); err != nil || h.from >= 24*time.Hour {
		return "from must be HH:MM"
	}
	if h.to, err = clock(h.To); err != nil {
		return "to must be HH:MM, at most 24:00"
	}
	if h.to <= h.from {
		h.to += 24 * time.Hour
	}
	h.days = [7]bool{}
	for _, d := range h.Days {
		day := slices.Index([]string{"sun", "mon", "tue", "wed", "thu", "fri", "sat"}, d)
		if day < 0 {
			return fmt.Sprintf("%q is not a day: mon, tue, wed, thu, fri, sat or sun", d)
		}
		h.days[day] = true
	}
	if len(h.Days) == 0 {
		h.days = [7]bool{true, true, true, true, true, true, true}
	}
	return ""
}

func clock(text string) (time.Duration, error) {
	if !regexp.MustCompile(`^([01][0-9]|2[0-4]):[0-5][0-9]$`).MatchString(text) || text > "24:00" {
		return 0, fmt.Errorf("%q is not a time of day", text)
	}
	hour, _ := strconv.Atoi(text[:2])
	minute, _ := strconv.Atoi(text[3:])
	return time.Duration(hour)*time.Hour + time.Duration(minute)*time.Minute, nil
}

// Zone is where the clock hangs that says when duty is handed over.
func (r *Rota) Zone() *time.Location { return r.zone }

// People lists everybody of the rota, sorted.
func (r *Rota) People() []string {
	var all []string
	for _, l := range r.Layers {
		all = append(all, l.People...)
	}
	slices.Sort(all)
	return slices.Compact(all)
}
