package push

import (
	"net/http"
	"strconv"
	"strings"

	"mainstay/internal/core"
	"mainstay/internal/platform/receivers"
	"mainstay/internal/platform/unpack"
)

// syslogLevels are the words of GELF's level, which is syslog's severity.
func syslogLevels() [8]string {
	return [8]string{"fatal", "error", "error", "error", "warn", "info", "info", "debug"}
}

// levelWord is a number of syslog's severity as a word; other text stays.
func levelWord(text string) string {
	if n, err := strconv.Atoi(text); err == nil && n >= 0 && n < 8 {
		return syslogLevels()[n]
	}
	return text
}

// serveGELF answers GELF 1.1 over HTTP (graylog.org, "GELF via HTTP"): 202, and
// 400 for what cannot be read. Several messages one behind the other are taken.
func (c *Component) serveGELF(w http.ResponseWriter, r *http.Request, m *receivers.Meter) {
	raw, err := unpack.Body(r, c.deps.MaxBody)
	var entries []entry
	if err == nil {
		entries, err = readGELF(raw)
	}
	if err != nil {
		unreadable(w, m, err)
		return
	}
	if _, err := c.store(r.Context(), m, entries, len(raw)); err != nil {
		http.Error(w, "records cannot be stored at the moment", http.StatusServiceUnavailable)
		return
	}
	w.WriteHeader(http.StatusAccepted)
}

func readGELF(raw []byte) (out []entry, err error) {
	err = eachJSON(raw, func(o map[string]any) error {
		short, ok := o["short_message"].(string)
		if !ok || short == "" {
			return core.Invalid("short_message", "is needed")
		}
		e := entry{at: moment(plain(o["timestamp"])), message: short}
		if full := plain(o["full_message"]); full != "" && full != short {
			e.add("full_message", full)
		}
		e.add("host", plain(o["host"]))
		e.add("level", levelWord(plain(o["level"])))
		for name, value := range o {
			switch name {
			case "version", "host", "short_message", "full_message", "timestamp", "level", "_id":
			default: // additional fields begin with an underscore; facility, file and line are of 1.0
				e.add(strings.TrimPrefix(name, "_"), plain(value))
			}
		}
		out = append(out, e)
		return nil
	})
	return out, err
}
