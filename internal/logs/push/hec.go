package push

import (
	"encoding/json"
	"errors"
	"net/http"
	"strings"

	"mainstay/internal/core"
	"mainstay/internal/platform/receivers"
	"mainstay/internal/platform/unpack"
)

// The codes of Splunk's answers (docs.splunk.com, "Troubleshoot HTTP Event
// Collector").
const (
	hecSuccess = 0
	hecNoData  = 5
	hecInvalid = 6
	hecBusy    = 9
	hecNoEvent = 12
)

func hecReply(w http.ResponseWriter, status, code int, text string) {
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	_ = json.NewEncoder(w).Encode(map[string]any{"text": text, "code": code})
}

func serveHECHealth(w http.ResponseWriter, _ *http.Request) {
	hecReply(w, http.StatusOK, 17, "HEC is healthy")
}

// serveHEC answers Splunk's HTTP Event Collector: JSON objects one behind the
// other, each with an event and what is said of it.
func (c *Component) serveHEC(w http.ResponseWriter, r *http.Request, m *receivers.Meter) {
	raw, err := unpack.Body(r, c.deps.MaxBody)
	var entries []entry
	if err == nil {
		entries, err = readHEC(raw)
	}
	c.hecStore(w, r, m, entries, len(raw), err)
}

// serveHECRaw takes lines; what is said of them is in the query.
func (c *Component) serveHECRaw(w http.ResponseWriter, r *http.Request, m *receivers.Meter) {
	raw, err := unpack.Body(r, c.deps.MaxBody)
	var entries []entry
	for line := range strings.Lines(string(raw)) {
		if line = strings.TrimRight(line, "\r\n"); line != "" {
			e := entry{message: line, at: moment(r.URL.Query().Get("time"))}
			for _, name := range []string{"host", "source", "sourcetype", "index"} {
				e.add(name, r.URL.Query().Get(name))
			}
			entries = append(entries, e)
		}
	}
	c.hecStore(w, r, m, entries, len(raw), err)
}

func (c *Component) hecStore(w http.ResponseWriter, r *http.Request, m *receivers.Meter, entries []entry, size int, err error) {
	if err == nil && len(entries) == 0 {
		hecReply(w, http.StatusBadRequest, hecNoData, "No data")
		return
	}
	if err != nil {
		m.Refused(1, err.Error())
		code, text := hecInvalid, "Invalid data format"
		if core.CodeOf(err) == core.CodeInvalid {
			code, text = hecNoEvent, "Event field is required"
		}
		var coded *core.Error
		if errors.As(err, &coded) && code == hecInvalid {
			text += ": " + coded.Message
		}
		hecReply(w, statusOf(err), code, text)
		return
	}
	if _, err := c.store(r.Context(), m, entries, size); err != nil {
		hecReply(w, http.StatusServiceUnavailable, hecBusy, "Server is busy")
		return
	}
	hecReply(w, http.StatusOK, hecSuccess, "Success")
}

func readHEC(raw []byte) (out []entry, err error) {
	err = eachJSON(raw, func(o map[string]any) error {
		event, there := o["event"]
		if !there || event == nil || event == "" {
			return core.Invalid("event", "is needed")
		}
		e := entry{at: moment(plain(o["time"]))}
		for _, name := range []string{"host", "source", "sourcetype", "index"} {
			e.add(name, plain(o[name]))
		}
		if fields, ok := o["fields"].(map[string]any); ok {
			e.flatten("", fields, 0)
		}
		if document, ok := event.(map[string]any); ok {
			e.flatten("", document, 0)
			if e.message = e.take(messageNames()); e.message == "" {
				e.message = plain(event)
			}
		} else {
			e.message = plain(event)
		}
		out = append(out, e)
		return nil
	})
	return out, err
}
