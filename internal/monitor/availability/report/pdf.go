package report

import (
	"bytes"
	"fmt"
	"strings"

	"github.com/signintech/gopdf"
	"golang.org/x/image/font/gofont/gobold"
	"golang.org/x/image/font/gofont/goregular"
)

// The page, in points: A4 with margins.
const (
	width, height = 595.0, 842.0
	margin        = 42.0
	inner         = width - 2*margin
	bottom        = height - 48
)

// PDF writes an overview of all items and a section for each.
func PDF(to *bytes.Buffer, m Month) error {
	p := &paper{pdf: &gopdf.GoPdf{}, month: m}
	p.pdf.Start(gopdf.Config{PageSize: gopdf.Rect{W: width, H: height}})
	p.do(p.pdf.AddTTFFontData("regular", goregular.TTF))
	p.do(p.pdf.AddTTFFontData("bold", gobold.TTF))
	p.pdf.SetInfo(gopdf.PdfInfo{Title: "Availability " + m.title(), Creator: "Mainstay", CreationDate: m.Made})
	p.page()
	p.overview()
	for _, i := range m.Items {
		p.item(i)
	}
	if p.err != nil {
		return p.err
	}
	_, err := p.pdf.WriteTo(to)
	return err
}

// paper writes top down and begins pages as needed.
type paper struct {
	pdf   *gopdf.GoPdf
	month Month
	y     float64
	pages int
	err   error
}

func (p *paper) do(err error) {
	if p.err == nil {
		p.err = err
	}
}

func (p *paper) page() {
	p.pdf.AddPage()
	p.pages++
	p.y = margin
	p.ink(110)
	p.text(margin, height-30, 8, "regular", "Mainstay, availability "+p.month.title()+", made "+p.month.Made.UTC().Format("2006-01-02 15:04 UTC"))
	p.right(width-margin, height-30, 8, "regular", fmt.Sprint(p.pages))
	p.ink(20)
}

// room begins a page when less than h is left.
func (p *paper) room(h float64) {
	if p.y+h > bottom {
		p.page()
	}
}

func (p *paper) ink(grey uint8) { p.pdf.SetTextColor(grey, grey, grey) }

func (p *paper) text(x, y, size float64, font, text string) {
	p.do(p.pdf.SetFont(font, "", size))
	p.pdf.SetXY(x, y)
	p.do(p.pdf.Cell(nil, printable(text)))
}

func (p *paper) right(x, y, size float64, font, text string) {
	p.do(p.pdf.SetFont(font, "", size))
	w, err := p.pdf.MeasureTextWidth(printable(text))
	p.do(err)
	p.text(x-w, y, size, font, text)
}

// cut shortens a text to a width.
func (p *paper) cut(text string, size, most float64) string {
	p.do(p.pdf.SetFont("regular", "", size))
	runes := []rune(printable(text))
	for n := len(runes); n > 0; n-- {
		shown := string(runes[:n])
		if n < len(runes) {
			shown = strings.TrimRight(shown, " ") + "..."
		}
		w, err := p.pdf.MeasureTextWidth(shown)
		p.do(err)
		if w <= most || err != nil {
			return shown
		}
	}
	return ""
}

// printable leaves out what the fonts have no shapes for.
func printable(text string) string {
	return strings.Map(func(r rune) rune {
		switch {
		case r < 0x20:
			return ' '
		case r < 0x250, r >= 0x370 && r < 0x530, r >= 0x2010 && r < 0x2030:
			return r
		}
		return '?'
	}, text)
}

func (p *paper) line(y float64) {
	p.pdf.SetStrokeColor(210, 210, 210)
	p.pdf.SetLineWidth(0.5)
	p.pdf.Line(margin, y, width-margin, y)
}

// column is one of a table.
type column struct {
	name  string
	x, w  float64
	right bool
}

func (p *paper) cells(columns []column, size float64, font string, values ...string) {
	for i, c := range columns {
		text := p.cut(values[i], size, c.w)
		if c.right {
			p.right(c.x+c.w, p.y, size, font, text)
		} else {
			p.text(c.x, p.y, size, font, text)
		}
	}
	p.y += size + 6
}

func (p *paper) head(columns []column) {
	names := make([]string, len(columns))
	for i, c := range columns {
		names[i] = c.name
	}
	p.ink(110)
	p.cells(columns, 8, "regular", names...)
	p.ink(20)
	p.line(p.y - 3)
	p.y += 2
}

func (p *paper) overview() {
	p.text(margin, p.y, 20, "bold", "Availability")
	p.y += 28
	p.ink(90)
	p.text(margin, p.y, 12, "regular", p.month.title())
	p.ink(20)
	p.y += 30
	if len(p.month.Items) == 0 {
		p.text(margin, p.y, 10, "regular", "No item has an availability target.")
		return
	}
	columns := []column{{"Item", margin, 160, false}, {"Target", margin + 165, 55, true}, {"Availability", margin + 225, 70, true}, {"", margin + 301, 40, false},
		{"Down", margin + 340, 62, true}, {"Budget left", margin + 407, 64, true}, {"Outages", margin + 474, 36, true}}
	p.head(columns)
	for _, i := range p.month.Items {
		p.room(18)
		if p.y == margin {
			p.head(columns)
		}
		target, left := "-", "-"
		if i.Figures.Target > 0 {
			target, left = fmt.Sprintf("%g %%", i.Figures.Target), length(i.Figures.BudgetLeft)
		}
		p.cells(columns, 9, "regular", i.Name, target, percent(i.Figures.Availability), i.met(), length(i.Figures.Down), left, fmt.Sprint(i.Figures.Outages))
	}
	p.y += 16
}
