package paper

import (
	"bytes"
	"fmt"
	"strings"
	"time"

	"github.com/signintech/gopdf"
	"golang.org/x/image/font/gofont/gobold"
	"golang.org/x/image/font/gofont/goregular"
)

// The page, in points: A4 with margins.
const (
	Width, Height = 595.0, 842.0
	Margin        = 42.0
	Inner         = Width - 2*Margin
	bottom        = Height - 48
)

// Font is one of the two there are.
type Font string

// The fonts.
const (
	Regular Font = "regular"
	Bold    Font = "bold"
)

// The greys of text.
const (
	Faint uint8 = 110
	Muted uint8 = 90
	Black uint8 = 20
)

// RGB is a colour.
type RGB [3]uint8

// PDF writes top down and begins pages as needed. The first error is kept for
// Write; a PDF is for one goroutine.
type PDF struct {
	Y     float64 // where the next line goes, from the top
	pdf   *gopdf.GoPdf
	foot  string
	pages int
	err   error
}

// NewPDF begins the first page. The foot is on every one, with its number.
func NewPDF(title, foot string, made time.Time) *PDF {
	p := &PDF{pdf: &gopdf.GoPdf{}, foot: foot}
	p.pdf.Start(gopdf.Config{PageSize: gopdf.Rect{W: Width, H: Height}})
	p.do(p.pdf.AddTTFFontData(string(Regular), goregular.TTF))
	p.do(p.pdf.AddTTFFontData(string(Bold), gobold.TTF))
	p.pdf.SetInfo(gopdf.PdfInfo{Title: title, Creator: "Mainstay", CreationDate: made})
	p.page()
	return p
}

// Write ends it.
func (p *PDF) Write(to *bytes.Buffer) error {
	if p.err != nil {
		return p.err
	}
	_, err := p.pdf.WriteTo(to)
	return err
}

// Foot is what stands below the pages of a report.
func Foot(what string, made time.Time) string {
	return "Mainstay, " + what + ", made " + made.UTC().Format("2006-01-02 15:04 UTC")
}

func (p *PDF) do(err error) {
	if p.err == nil {
		p.err = err
	}
}

func (p *PDF) page() {
	p.pdf.AddPage()
	p.pages++
	p.Y = Margin
	p.Ink(Faint)
	p.Text(Margin, Height-30, 8, Regular, p.foot)
	p.Right(Width-Margin, Height-30, 8, Regular, fmt.Sprint(p.pages))
	p.Ink(Black)
}

// Room begins a page when less than h is left.
func (p *PDF) Room(h float64) {
	if p.Y+h > bottom {
		p.page()
	}
}

// Ink chooses the grey of what is written next.
func (p *PDF) Ink(grey uint8) { p.pdf.SetTextColor(grey, grey, grey) }

// Head is the head of a report.
func (p *PDF) Head(title, sub string) {
	p.Text(Margin, p.Y, 20, Bold, title)
	p.Y += 28
	p.Ink(Muted)
	p.Text(Margin, p.Y, 12, Regular, sub)
	p.Ink(Black)
	p.Y += 30
}

// Text writes from x on.
func (p *PDF) Text(x, y, size float64, font Font, text string) {
	p.do(p.pdf.SetFont(string(font), "", size))
	p.pdf.SetXY(x, y)
	p.do(p.pdf.Cell(nil, printable(text)))
}

// Right writes what ends at x.
func (p *PDF) Right(x, y, size float64, font Font, text string) {
	p.do(p.pdf.SetFont(string(font), "", size))
	w, err := p.pdf.MeasureTextWidth(printable(text))
	p.do(err)
	p.Text(x-w, y, size, font, text)
}

// Cut shortens a text to a width.
func (p *PDF) Cut(text string, size, most float64) string {
	p.do(p.pdf.SetFont(string(Regular), "", size))
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

// Box is a filled rectangle.
func (p *PDF) Box(x, y, w, h float64, c RGB) {
	p.pdf.SetFillColor(c[0], c[1], c[2])
	p.pdf.RectFromUpperLeftWithStyle(x, y, w, h, "F")
}

func (p *PDF) line(y float64) {
	p.pdf.SetStrokeColor(210, 210, 210)
	p.pdf.SetLineWidth(0.5)
	p.pdf.Line(Margin, y, Width-Margin, y)
}

// gap is between the columns of a table.
const gap = 6

// Column is one of a table.
type Column struct {
	name  string
	width float64
	right bool
}

// Left is a column of text.
func Left(name string, width float64) Column { return Column{name, width, false} }

// Right is a column of numbers.
func Right(name string, width float64) Column { return Column{name, width, true} }

// Table is a head with rows below; the head is on every page again.
type Table struct {
	pdf     *PDF
	columns []Column
	size    float64
}

// Table begins one, with rows of a size of font. The columns are put side by side.
func (p *PDF) Table(size float64, columns ...Column) *Table {
	t := &Table{pdf: p, columns: columns, size: size}
	t.head()
	return t
}

func (t *Table) head() {
	names := make([]string, len(t.columns))
	for i, c := range t.columns {
		names[i] = c.name
	}
	t.pdf.Ink(Faint)
	t.cells(8, names)
	t.pdf.Ink(Black)
	t.pdf.line(t.pdf.Y - 3)
	t.pdf.Y += 2
}

func (t *Table) cells(size float64, values []string) {
	x := Margin
	for i, c := range t.columns {
		text := t.pdf.Cut(values[i], size, c.width)
		if c.right {
			t.pdf.Right(x+c.width, t.pdf.Y, size, Regular, text)
		} else {
			t.pdf.Text(x, t.pdf.Y, size, Regular, text)
		}
		x += c.width + gap
	}
	t.pdf.Y += size + 6
}

// Row takes a value for each column.
func (t *Table) Row(values ...string) {
	t.pdf.Room(t.size + 9)
	if t.pdf.Y == Margin {
		t.head()
	}
	t.cells(t.size, values)
}
