package rulebook

import (
	"encoding/csv"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strings"
	"unicode/utf8"

	"mainstay/internal/core"
	"mainstay/internal/platform/declare"
)

// TableSpec is a document of the kind LookupTable: rows found by a key.
type TableSpec struct {
	Description string                       `json:"description,omitempty" maxLength:"4000"`
	Key         string                       `json:"key,omitempty" maxLength:"200" doc:"The column of csv that is the key; the first when absent"`
	Rows        map[string]map[string]string `json:"rows,omitempty" doc:"Columns by the row's key"`
	CSV         string                       `json:"csv,omitempty" doc:"Or the table as CSV, with a line of names"`
}

// maxRows bounds a table.
const maxRows = 20_000

// Table is a table ready for use.
type Table map[string]map[string]string

// ParseTable reads and checks a spec.
func ParseTable(text json.RawMessage) (TableSpec, error) {
	var spec TableSpec
	if err := declare.Decode(text, &spec); err != nil {
		return spec, err
	}
	_, err := spec.Table()
	return spec, err
}

// Table reads the rows, those of csv after those of rows.
func (s TableSpec) Table() (Table, error) {
	t := Table{}
	for key, row := range s.Rows {
		t[key] = row
	}
	if len(t) > maxRows {
		return nil, core.Invalid("spec.rows", fmt.Sprintf("must be at most %d", maxRows))
	}
	if s.CSV == "" {
		if len(t) == 0 {
			return nil, core.Invalid("spec.rows", "must hold a row, or csv must")
		}
		return t, nil
	}
	if !utf8.ValidString(s.CSV) {
		return nil, core.Invalid("spec.csv", "must be valid UTF-8")
	}
	if err := t.readCSV(s.CSV, s.Key); err != nil {
		return nil, err
	}
	if len(t) == 0 {
		return nil, core.Invalid("spec.csv", "must have a row below the names")
	}
	return t, nil
}

func (t Table) readCSV(text, keyName string) error {
	r := csv.NewReader(strings.NewReader(text))
	r.TrimLeadingSpace = true
	head, err := r.Read()
	if err != nil {
		return core.Invalid("spec.csv", "must begin with a line of column names")
	}
	column := 0
	if keyName != "" {
		column = -1
		for i, name := range head {
			if strings.TrimSpace(name) == keyName {
				column = i
			}
		}
		if column < 0 {
			return core.Invalid("spec.key", "must name a column of csv: "+strings.Join(head, ", "))
		}
	}
	for {
		fields, err := r.Read()
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return core.Invalid("spec.csv", strings.TrimPrefix(err.Error(), "record on "))
		}
		row := make(map[string]string, len(fields))
		for i, value := range fields {
			row[strings.TrimSpace(head[i])] = strings.TrimSpace(value)
		}
		key := strings.TrimSpace(fields[column])
		if _, twice := t[key]; twice {
			line, _ := r.FieldPos(column)
			return core.Invalid("spec.csv", fmt.Sprintf("line %d: the key %q is there already", line, key))
		}
		if len(t) >= maxRows {
			return core.Invalid("spec.csv", fmt.Sprintf("must have at most %d rows", maxRows))
		}
		t[key] = row
	}
}
