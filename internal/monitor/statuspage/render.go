package statuspage

import (
	"bytes"
	"compress/gzip"
	"crypto/sha256"
	_ "embed"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"html/template"
	"math"
	"time"
)

//go:embed page.css
var css string

//go:embed page.gohtml
var layout string

// rendered is a page ready to be written.
type rendered struct {
	page   string // name of the document
	public bool
	shown  *Shown
	files  map[string]file // "", "feed.atom", "status.json"
}

// file is one representation.
type file struct {
	kind    string
	etag    string
	plain   []byte
	gzipped []byte
}

// policy lets a page have its own style and nothing else: no script at all.
func policy() string {
	sum := sha256.Sum256([]byte(css))
	return "default-src 'none'; style-src 'sha256-" + base64.StdEncoding.EncodeToString(sum[:]) + "'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
}

func (c *Component) render(s *Shown, public bool) (*rendered, error) {
	r := &rendered{public: public, shown: s, files: map[string]file{}}
	page, err := execute("page", s, s.TimeZone)
	if err != nil {
		return nil, err
	}
	feed, err := feedOf(s, c.address())
	if err != nil {
		return nil, err
	}
	data, err := json.Marshal(s)
	if err != nil {
		return nil, err
	}
	for name, content := range map[string]struct {
		kind string
		text []byte
	}{"": {"text/html; charset=utf-8", page}, "feed.atom": {"application/atom+xml; charset=utf-8", feed}, "status.json": {"application/json", data}} {
		if r.files[name], err = packed(content.kind, content.text); err != nil {
			return nil, err
		}
	}
	return r, nil
}

func packed(kind string, text []byte) (file, error) {
	var zipped bytes.Buffer
	w := gzip.NewWriter(&zipped)
	if _, err := w.Write(text); err != nil {
		return file{}, err
	}
	if err := w.Close(); err != nil {
		return file{}, err
	}
	sum := sha256.Sum256(text)
	return file{kind: kind, etag: `"` + hex.EncodeToString(sum[:12]) + `"`, plain: text, gzipped: zipped.Bytes()}, nil
}

// execute fills one of the templates; times are shown in the zone.
func execute(name string, data any, zone string) ([]byte, error) {
	loc, err := time.LoadLocation(zone)
	if err != nil {
		return nil, err
	}
	t, err := template.New("").Funcs(template.FuncMap{
		"css":     func() template.CSS { return template.CSS(css) },
		"stamp":   func(at any) string { return stamp(at, loc) },
		"word":    word,
		"overall": overall,
		"uptime":  uptime,
		"dayTitle": func(d ShownDay) string {
			text := d.Date + ": " + word(d.Status)
			if d.Uptime != nil {
				text += ", " + uptime(d.Uptime)
			}
			return text
		},
		"history": func(days []ShownDay) string {
			bad := 0
			for _, d := range days {
				if d.Status == Outage || d.Status == Partial || d.Status == Degraded {
					bad++
				}
			}
			return fmt.Sprintf("%d days, %d of them with faults", len(days), bad)
		},
	}).Parse(layout)
	if err != nil {
		return nil, err
	}
	var out bytes.Buffer
	err = t.ExecuteTemplate(&out, name, data)
	return out.Bytes(), err
}

func stamp(at any, zone *time.Location) string {
	switch at := at.(type) {
	case *time.Time:
		if at != nil {
			return stamp(*at, zone)
		}
	case time.Time:
		return at.In(zone).Format("2006-01-02 15:04 MST")
	}
	return ""
}

func word(s Status) string {
	switch s {
	case Operational:
		return "operational"
	case Maintained:
		return "in maintenance"
	case Degraded:
		return "degraded"
	case Partial:
		return "partial outage"
	case Outage:
		return "outage"
	}
	return "not known"
}

func overall(s Status) string {
	switch s {
	case Operational:
		return "Everything works"
	case Maintained:
		return "Maintenance is under way"
	case Degraded:
		return "Some things are slower than usual"
	case Partial:
		return "A part does not work"
	case Outage:
		return "There is an outage"
	}
	return "The state of some components is not known"
}

// uptime never rounds up to 100.
func uptime(p *float64) string {
	if p == nil {
		return "no history yet"
	}
	return fmt.Sprintf("%.2f %% uptime", math.Floor(*p*100)/100)
}
