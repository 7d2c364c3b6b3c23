package push

import (
	"bytes"
	"encoding/json"
	"io"
	"net/http"

	"mainstay/internal/core"
	"mainstay/internal/platform/receivers"
	"mainstay/internal/platform/unpack"
)

// elasticsearch is the version that senders are told: they refuse to speak to
// what is older than themselves.
const elasticsearch = "8.19.0"

// serveElasticsearchInfo answers what senders ask before they send
// (elastic.co, "Get cluster info"); X-Elastic-Product is what clients demand.
func serveElasticsearchInfo(w http.ResponseWriter, r *http.Request) {
	if r.URL.Path != "/elasticsearch/" { // licences, templates, policies: there are none
		http.NotFound(w, r)
		return
	}
	w.Header().Set("X-Elastic-Product", "Elasticsearch")
	w.Header().Set("Content-Type", "application/json")
	_ = json.NewEncoder(w).Encode(map[string]any{
		"name": "mainstay", "cluster_name": "mainstay", "cluster_uuid": "mainstay", "tagline": "You Know, for Search",
		"version": map[string]any{"number": elasticsearch, "build_flavor": "default", "minimum_wire_compatibility_version": "7.17.0", "minimum_index_compatibility_version": "7.0.0"},
	})
}

type bulkItem struct {
	Index  string     `json:"_index"`
	ID     string     `json:"_id"`
	Status int        `json:"status"`
	Error  *bulkError `json:"error,omitempty"`
}

type bulkError struct {
	Type   string `json:"type"`
	Reason string `json:"reason"`
}

// serveBulk answers the bulk API (elastic.co, "Bulk index or delete
// documents"): index and create take a document, the answer tells of each. A
// store that cannot take them answers 429, which senders repeat.
func (c *Component) serveBulk(w http.ResponseWriter, r *http.Request, m *receivers.Meter) {
	w.Header().Set("X-Elastic-Product", "Elasticsearch")
	raw, err := unpack.Body(r, c.deps.MaxBody)
	if err != nil {
		unreadable(w, m, err)
		return
	}
	documents, err := readBulk(raw, r.PathValue("index"))
	if err != nil {
		unreadable(w, m, err)
		return
	}
	var entries []entry
	for _, d := range documents {
		if d.Error == nil {
			entries = append(entries, d.entry)
		}
	}
	began := c.deps.Clock.Now()
	if _, err := c.store(r.Context(), m, entries, len(raw)); err != nil {
		w.WriteHeader(http.StatusTooManyRequests)
		return
	}
	failed := len(documents) - len(entries)
	if failed > 0 {
		m.Refused(failed, "a document cannot be read")
	}
	items := make([]map[string]bulkItem, len(documents))
	for i, d := range documents {
		items[i] = map[string]bulkItem{d.action: d.bulkItem}
	}
	w.Header().Set("Content-Type", "application/json")
	_ = json.NewEncoder(w).Encode(map[string]any{"took": c.deps.Clock.Now().Sub(began).Milliseconds(), "errors": failed > 0, "items": items})
}

type bulkDocument struct {
	bulkItem
	action string
	entry  entry
}

// readBulk reads lines in pairs: what to do, and the document.
func readBulk(raw []byte, index string) ([]bulkDocument, error) {
	var out []bulkDocument
	rest := raw
	for n := 1; len(rest) > 0; n++ {
		var line []byte
		if line, rest = cutLine(rest); len(line) == 0 {
			continue
		}
		var head map[string]struct {
			Index string `json:"_index"`
			ID    string `json:"_id"`
		}
		if err := json.Unmarshal(line, &head); err != nil || len(head) != 1 {
			return nil, core.Errorf(core.CodeMalformed, "line %d must be an action such as {\"create\": {}}", n)
		}
		var d bulkDocument
		for action, about := range head {
			d.action, d.bulkItem = action, bulkItem{Index: about.Index, ID: about.ID, Status: http.StatusCreated}
		}
		if d.Index == "" {
			d.Index = index
		}
		switch d.action {
		case "index", "create":
		case "delete":
			d.Status, d.Error = http.StatusBadRequest, &bulkError{"action_request_validation_exception", "records cannot be deleted"}
			out = append(out, d)
			continue
		case "update":
			d.Status, d.Error = http.StatusBadRequest, &bulkError{"action_request_validation_exception", "records cannot be changed"}
		default:
			return nil, core.Errorf(core.CodeMalformed, "line %d: %.50q is no action: index and create are", n, d.action)
		}
		n++
		line, rest = cutLine(rest)
		if d.Error == nil {
			document, err := object(line)
			if err != nil || document == nil {
				d.Status, d.Error = http.StatusBadRequest, &bulkError{"document_parsing_exception", "the document is not a JSON object"}
			} else {
				d.entry = documentEntry(document, d.Index)
			}
		}
		out = append(out, d)
	}
	return out, nil
}

func documentEntry(document map[string]any, index string) (e entry) {
	e.flatten("", document, 0)
	e.at, e.message = moment(e.take(timeNames())), e.take(messageNames())
	e.add("index", index)
	return e
}

func cutLine(raw []byte) (line, rest []byte) {
	if at := bytes.IndexByte(raw, '\n'); at >= 0 {
		return bytes.TrimSpace(raw[:at]), raw[at+1:]
	}
	return bytes.TrimSpace(raw), nil
}

// eachJSON calls f with every JSON object of a body that has several, one
// behind the other.
func eachJSON(raw []byte, f func(object map[string]any) error) error {
	d := json.NewDecoder(bytes.NewReader(raw))
	d.UseNumber()
	for {
		var one map[string]any
		switch err := d.Decode(&one); {
		case err == io.EOF:
			return nil
		case err != nil:
			return core.Errorf(core.CodeMalformed, "the body cannot be read: %v", err)
		}
		if err := f(one); err != nil {
			return err
		}
	}
}
