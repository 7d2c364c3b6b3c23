package dashboard

import (
	"time"

	"mainstay/internal/platform/probe"
)

// Spec is a dashboard as it is declared.
type Spec struct {
	Title       string         `json:"title" minLength:"1" maxLength:"200"`
	Description string         `json:"description,omitempty" maxLength:"4000"`
	Team        string         `json:"team,omitempty"`
	Tags        []string       `json:"tags,omitempty" maxItems:"20"`
	From        string         `json:"from,omitempty" maxLength:"40" doc:"where the time range begins when it is opened: now-6h, or an RFC 3339 time; now-3h when left out"`
	To          string         `json:"to,omitempty" maxLength:"40" doc:"where it ends; now when left out"`
	Refresh     probe.Duration `json:"refresh,omitempty" pattern:"^([0-9]+([.][0-9]+)?(ms|s|m|h))+$" patternDescription:"a duration such as 30s or 5m" doc:"how often panels are asked again while the range ends now"`
	Marks       []string       `json:"marks,omitempty" maxItems:"4" enum:"alerts,situations,maintenance,changes,none" doc:"what happened to the items shown and is marked on time series; everything when left out, none switches it off"`
	Variables   []Variable     `json:"variables,omitempty" maxItems:"50"`
	Panels      []Panel        `json:"panels,omitempty" maxItems:"300"`
}

// The kinds of variable.
const (
	OfQuery    = "query"    // values of a label
	OfGraph    = "graph"    // items
	OfConstant = "constant" // a list
	OfInterval = "interval" // durations
	OfText     = "text"     // whatever is written
)

// Variable is a value that expressions, titles and texts name as $name.
type Variable struct {
	Name     string   `json:"name" maxLength:"60"`
	Label    string   `json:"label,omitempty" maxLength:"100" doc:"how people read it; the name when left out"`
	Kind     string   `json:"kind" enum:"query,graph,constant,interval,text"`
	Query    string   `json:"query,omitempty" maxLength:"4000" doc:"of a query: the series whose label is read, such as up{job=\"shop\"}; all when left out"`
	Of       string   `json:"of,omitempty" maxLength:"200" doc:"of a query: the label"`
	Regex    string   `json:"regex,omitempty" maxLength:"400" doc:"of a query: keeps the values that match; its first group, when it has one, is the value"`
	Selector string   `json:"selector,omitempty" maxLength:"1000" doc:"of the graph: selects items, whose ids are the values and whose names are shown"`
	Options  []string `json:"options,omitempty" maxItems:"500" doc:"of constants and intervals"`
	Default  []string `json:"default,omitempty" maxItems:"100" doc:"what is chosen when it is opened; the first value when left out"`
	Multi    bool     `json:"multi,omitempty" doc:"several may be chosen"`
	All      bool     `json:"all,omitempty" doc:"everything may be chosen at once"`
	Hidden   bool     `json:"hidden,omitempty"`
}

// The types of panel.
const (
	Row           = "row"
	TimeSeries    = "timeseries"
	StatPanel     = "stat"
	Gauge         = "gauge"
	Bar           = "bar"
	Table         = "table"
	Heatmap       = "heatmap"
	StateTimeline = "stateTimeline"
	TopList       = "topList"
	Map           = "map"
	Text          = "text"
)

// Columns is how many columns the grid has.
const Columns = 24

// Panel is one panel of the grid.
type Panel struct {
	Type        string      `json:"type" enum:"row,timeseries,stat,gauge,bar,table,heatmap,stateTimeline,topList,map,text"`
	Title       string      `json:"title,omitempty" maxLength:"200"`
	Description string      `json:"description,omitempty" maxLength:"4000"`
	At          Place       `json:"at"`
	Repeat      string      `json:"repeat,omitempty" maxLength:"60" doc:"a variable: the panel, or everything of the row, is shown once for each of its values"`
	Collapsed   bool        `json:"collapsed,omitempty" doc:"of a row: what follows is hidden until it is opened"`
	Targets     []Target    `json:"targets,omitempty" maxItems:"20"`
	Unit        string      `json:"unit,omitempty" maxLength:"30" doc:"bytes, bytes/s, bits, bits/s, percent (0 to 100), ratio (0 to 1), seconds, milliseconds, count, per second, celsius; anything else is shown behind the number"`
	Decimals    *int        `json:"decimals,omitempty" minimum:"0" maximum:"9"`
	Min         *float64    `json:"min,omitempty" doc:"the low end of the axis or gauge"`
	Max         *float64    `json:"max,omitempty" doc:"the high end"`
	Thresholds  []Threshold `json:"thresholds,omitempty" maxItems:"20"`
	Mappings    []Mapping   `json:"mappings,omitempty" maxItems:"100"`
	Draw        *Draw       `json:"draw,omitempty"`
	Legend      *Legend     `json:"legend,omitempty"`
	Right       *Right      `json:"right,omitempty" doc:"of a timeseries: what is drawn against an axis at the right"`
	Reduce      string      `json:"reduce,omitempty" enum:"last,min,max,avg,sum,first,count" doc:"the one value a series is shown as; last when left out"`
	Spark       bool        `json:"spark,omitempty" doc:"of a stat: its course is drawn behind it"`
	Limit       int         `json:"limit,omitempty" minimum:"0" maximum:"1000" doc:"how many lines or rows are shown at most"`
	Hide        []string    `json:"hide,omitempty" maxItems:"50" doc:"of a table: columns that are not shown"`
	Selector    string      `json:"selector,omitempty" maxLength:"1000" doc:"of a map: the items that are drawn"`
	Text        string      `json:"text,omitempty" maxLength:"40000" doc:"of a text: Markdown"`
	Links       []Link      `json:"links,omitempty" maxItems:"20"`
}

// Place is where a panel lies on the grid of 24 columns; a row of the grid is 38 pixels high, its gap included.
type Place struct {
	X int `json:"x" minimum:"0" maximum:"23"`
	Y int `json:"y" minimum:"0" maximum:"100000"`
	W int `json:"w" minimum:"1" maximum:"24"`
	H int `json:"h" minimum:"1" maximum:"100"`
}

// Target is one expression of a panel.
type Target struct {
	Query   string `json:"query" minLength:"1" maxLength:"20000" doc:"PromQL; variables are written $name, and $__interval, $__rate_interval and $__range follow the time range"`
	Legend  string `json:"legend,omitempty" maxLength:"400" doc:"what its series are called: a text with {{label}}"`
	Instant bool   `json:"instant,omitempty" doc:"the newest value alone is asked for"`
	Hidden  bool   `json:"hidden,omitempty"`
}

// Threshold gives values from From on a severity; without From it holds for all below the next.
type Threshold struct {
	From     *float64 `json:"from,omitempty"`
	Severity string   `json:"severity" enum:"clear,info,warning,minor,major,critical,unknown"`
}

// Mapping shows a value, or those between From and To, as a text.
type Mapping struct {
	Value    string   `json:"value,omitempty" maxLength:"200"`
	From     *float64 `json:"from,omitempty"`
	To       *float64 `json:"to,omitempty"`
	Text     string   `json:"text,omitempty" maxLength:"200"`
	Severity string   `json:"severity,omitempty" enum:"clear,info,warning,minor,major,critical,unknown"`
}

// Draw is how a time series is drawn.
type Draw struct {
	Style string `json:"style,omitempty" enum:"lines,area,bars,points" doc:"lines when left out"`
	Stack string `json:"stack,omitempty" enum:"none,normal,percent"`
	Step  bool   `json:"step,omitempty" doc:"the value holds until the next"`
	Join  bool   `json:"join,omitempty" doc:"lines lead over gaps"`
}

// Legend is what is told beside the drawing.
type Legend struct {
	As    string   `json:"as,omitempty" enum:"list,table,none" doc:"list when left out"`
	Calcs []string `json:"calcs,omitempty" maxItems:"7" enum:"last,min,max,avg,sum,first,count" doc:"columns of the table; min, max, avg and last when left out"`
}

// Right is the axis at the right and the series it is for.
type Right struct {
	Match string `json:"match" minLength:"1" maxLength:"400" doc:"a regular expression of the series' names"`
	Unit  string `json:"unit,omitempty" maxLength:"30"`
}

// Link leads from a panel to another place.
type Link struct {
	Title string `json:"title" minLength:"1" maxLength:"200"`
	To    string `json:"to" minLength:"1" maxLength:"2000" doc:"a path of the console, or an http address; variables are put in"`
}

// Dashboard is a declared dashboard.
type Dashboard struct {
	ID        string    `json:"id"`
	Name      string    `json:"name"`
	Spec      Spec      `json:"spec"`
	Favourite bool      `json:"favourite" doc:"the caller marked it"`
	Version   int64     `json:"version"`
	CreatedAt time.Time `json:"createdAt"`
	UpdatedAt time.Time `json:"updatedAt"`
}
