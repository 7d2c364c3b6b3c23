package paper

import (
	"bytes"
	"errors"
	"time"

	"github.com/xuri/excelize/v2"
)

// Wall is what a clock in the zone shows: sheets know no zones.
func Wall(t time.Time, zone *time.Location) time.Time {
	l := t.In(zone)
	return time.Date(l.Year(), l.Month(), l.Day(), l.Hour(), l.Minute(), l.Second(), 0, time.UTC)
}

// Book is a workbook: one table a sheet, with real numbers and times. The first
// error is kept for Write.
type Book struct {
	file  *excelize.File
	sheet string
	line  int
	err   error
}

// NewBook is empty. It holds resources until Write.
func NewBook() *Book { return &Book{file: excelize.NewFile()} }

// Write ends it.
func (b *Book) Write(to *bytes.Buffer) error {
	if b.err == nil {
		b.err = b.file.Write(to)
	}
	return errors.Join(b.err, b.file.Close())
}

func (b *Book) do(err error) {
	if b.err == nil {
		b.err = err
	}
}

// Table begins a sheet.
func (b *Book) Table(name string, head ...string) {
	if b.sheet == "" {
		b.do(b.file.SetSheetName("Sheet1", name))
	} else {
		_, err := b.file.NewSheet(name)
		b.do(err)
	}
	b.sheet, b.line = name, 0
	cells := make([]any, len(head))
	for i, h := range head {
		cells[i] = h
	}
	b.Row(cells...)
	bold, err := b.file.NewStyle(&excelize.Style{Font: &excelize.Font{Bold: true}})
	b.do(err)
	b.do(b.file.SetRowStyle(name, 1, 1, bold))
	last, err := excelize.ColumnNumberToName(len(head))
	b.do(err)
	b.do(b.file.SetColWidth(name, "A", last, 15))
	b.do(b.file.SetColWidth(name, "A", "A", 28))
	b.do(b.file.SetPanes(name, &excelize.Panes{Freeze: true, YSplit: 1, TopLeftCell: "A2", ActivePane: "bottomLeft"}))
	b.do(b.file.AutoFilter(name, "A1:"+last+"1", nil))
}

// Row adds one to the table; nil leaves a cell empty.
func (b *Book) Row(cells ...any) {
	b.line++
	at, err := excelize.CoordinatesToCellName(1, b.line)
	b.do(err)
	b.do(b.file.SetSheetRow(b.sheet, at, &cells))
}
