package paper

import (
	"bytes"
	"net/http"
)

// Format is a form that a report can be handed on in.
type Format struct {
	Suffix string
	Type   string // of media
}

// The formats.
var (
	PDFFile   = Format{"pdf", "application/pdf"}
	SheetFile = Format{"xlsx", "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"}
	Markdown  = Format{"md", "text/markdown; charset=utf-8"}
)

// Serve answers with a file of that name, for download.
func (f Format) Serve(w http.ResponseWriter, name string, content *bytes.Buffer) {
	w.Header().Set("Content-Type", f.Type)
	w.Header().Set("Cache-Control", "no-store")
	w.Header().Set("Content-Disposition", `attachment; filename="`+name+"."+f.Suffix+`"`)
	_, _ = w.Write(content.Bytes())
}
