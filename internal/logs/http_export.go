package logs

import (
	"encoding/csv"
	"encoding/json"
	"net/http"
	"strconv"
	"strings"
	"time"

	"mainstay/internal/core"
	"mainstay/internal/platform/httpapi"
	"mainstay/internal/platform/logstore"
)

const (
	exportMost    = 100_000 // records of one export
	exportColumns = 50
)

// exportFields stand in a table when the caller names none.
func exportFields() []string {
	return []string{logstore.TimeField, logstore.LevelField, logstore.HostField, logstore.AppField, logstore.MessageField}
}

// export sends matching records as a file, the newest first: one JSON object a
// line, or a table.
func (c *Component) export(w http.ResponseWriter, r *http.Request) {
	query := r.URL.Query()
	in := Question{Dataset: r.FormValue("dataset"), Query: r.FormValue("query"), In: query["in"]}
	err := core.InvalidAll(nil)
	for name, into := range map[string]*time.Time{"start": &in.Start, "end": &in.End} {
		if text := r.FormValue(name); text != "" && err == nil {
			var bad error
			if *into, bad = time.Parse(time.RFC3339, text); bad != nil {
				err = core.Invalid(name, "must be a time such as 2026-01-31T12:00:00Z")
			}
		}
	}
	limit := 10_000
	if text := r.FormValue("limit"); text != "" && err == nil {
		n, bad := strconv.Atoi(text)
		if limit = n; bad != nil || n < 1 || n > exportMost {
			err = core.Invalid("limit", "must be 1 to 100000")
		}
	}
	fields := exportFields()
	if text := r.FormValue("fields"); text != "" {
		if fields = strings.Split(text, ","); len(fields) > exportColumns {
			err = core.Invalid("fields", "must be at most 50 names, with commas between them")
		}
	}
	format := r.FormValue("format")
	if format != "csv" && format != "ndjson" && err == nil {
		err = core.Invalid("format", "must be csv or ndjson")
	}
	var store Store
	var q logstore.Query
	if err == nil {
		store, q, err = c.question(r.Context(), in)
	}
	if err != nil {
		httpapi.WriteProblem(w, c.deps.Log, err)
		return
	}
	q.Limit = limit
	table := csv.NewWriter(w)
	lines := json.NewEncoder(w)
	begun := false
	begin := func() {
		if begun {
			return
		}
		begun = true
		kind := map[string]string{"csv": "text/csv; charset=utf-8", "ndjson": "application/x-ndjson"}[format]
		w.Header().Set("Content-Type", kind)
		w.Header().Set("Content-Disposition", `attachment; filename="logs.`+format+`"`)
		if format == "csv" {
			_ = table.Write(fields)
		}
	}
	for row, err := range store.Query(r.Context(), q) {
		if err != nil {
			if !begun {
				httpapi.WriteProblem(w, c.deps.Log, err)
				return
			}
			panic(http.ErrAbortHandler) // half a file must not look whole
		}
		begin()
		if format == "ndjson" {
			err = lines.Encode(row)
		} else {
			cells := make([]string, len(fields))
			for i, f := range fields {
				cells[i] = harmless(row[f])
			}
			err = table.Write(cells)
		}
		if err != nil {
			return
		}
	}
	begin()
	table.Flush()
}

// harmless keeps a spreadsheet from reading a text of a log as a formula.
func harmless(text string) string {
	if text != "" && strings.ContainsRune("=+-@\t\r", rune(text[0])) {
		return "'" + text
	}
	return text
}
