package paper

import (
	"bytes"
	"fmt"
	"testing"
	"time"

	"github.com/xuri/excelize/v2"
)

var made = time.Date(2026, 11, 27, 6, 0, 0, 0, time.UTC)

func TestATableGoesOnOnTheNextPageWithItsHead(t *testing.T) {
	t.Parallel()
	p := NewPDF("Test", Foot("test", made), made)
	p.Head("Test", "of pages")
	table := p.Table(9, Left("What", 200), Right("How much", 80))
	for i := range 120 {
		table.Row(fmt.Sprint("row ", i), fmt.Sprint(i))
		if p.Y > bottom+1 {
			t.Fatalf("row %d is written over the foot: %v", i, p.Y)
		}
	}
	if p.pages != 3 {
		t.Errorf("%d pages, want 3", p.pages)
	}
	var out bytes.Buffer
	if err := p.Write(&out); err != nil || !bytes.HasPrefix(out.Bytes(), []byte("%PDF-")) || bytes.Count(out.Bytes(), []byte("/Type /Page\n")) != 3 {
		t.Errorf("%v: %d bytes, %d pages", err, out.Len(), bytes.Count(out.Bytes(), []byte("/Type /Page\n")))
	}
}

func TestWhatIsTooLongIsCut(t *testing.T) {
	t.Parallel()
	p := NewPDF("Test", "", made)
	short := p.Cut("a name that goes on and on and never ends", 9, 60)
	if len(short) > 20 || short[len(short)-3:] != "..." {
		t.Errorf("%q", short)
	}
	if got := p.Cut("名前 x", 9, 60); got != "?? x" {
		t.Errorf("%q", got)
	}
}

func TestABookIsReadAgain(t *testing.T) {
	t.Parallel()
	b := NewBook()
	b.Table("First", "Name", "At", "Number")
	zone, err := time.LoadLocation("Europe/Zurich")
	if err != nil {
		t.Fatal(err)
	}
	b.Row("a", Wall(made, zone), 1.5)
	b.Table("Second", "Name")
	b.Row("=1+1")
	var out bytes.Buffer
	if err := b.Write(&out); err != nil {
		t.Fatal(err)
	}
	f, err := excelize.OpenReader(&out)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	rows, err := f.GetRows("First")
	if err != nil || len(rows) != 2 || rows[1][1] != "11/27/26 07:00" || rows[1][2] != "1.5" {
		t.Errorf("%q, %v", rows, err)
	}
	// Text that looks like a formula stays text.
	if formula, err := f.GetCellFormula("Second", "A2"); err != nil || formula != "" {
		t.Errorf("%q, %v", formula, err)
	}
}
