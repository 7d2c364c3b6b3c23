package tail

import (
	"strings"
	"time"
)

// stampOf is the time that a line begins with: as RFC 3339 or ISO 8601 have it,
// or syslog. One without a zone is of the host's. Zero when there is none.
func stampOf(text string, now time.Time, zone *time.Location) time.Time {
	text = strings.TrimLeft(text, "[(\" ")
	if len(text) >= 19 && text[4] == '-' && text[7] == '-' && text[13] == ':' && (text[10] == 'T' || text[10] == ' ') {
		return isoStamp(text, zone)
	}
	if len(text) >= 15 && text[3] == ' ' && text[9] == ':' && text[12] == ':' { // RFC 3164, 4.1.2
		at, err := time.ParseInLocation(time.Stamp, text[:15], zone)
		if err != nil {
			return time.Time{}
		}
		at = at.AddDate(now.In(zone).Year(), 0, 0)
		if at.After(now.Add(24 * time.Hour)) { // at the turn of the year
			at = at.AddDate(-1, 0, 0)
		}
		return at.UTC()
	}
	return time.Time{}
}

func isoStamp(text string, zone *time.Location) time.Time {
	seconds, rest := text[:10]+"T"+text[11:19], text[19:]
	fraction := ""
	if rest != "" && (rest[0] == '.' || rest[0] == ',') {
		n := 1
		for n < len(rest) && n <= 9 && rest[n] >= '0' && rest[n] <= '9' {
			n++
		}
		if n > 1 {
			fraction, rest = "."+rest[1:n], rest[n:]
		}
	}
	for _, z := range []struct {
		layout string
		size   int
	}{{"Z", 1}, {"Z07:00", 6}, {"Z0700", 5}, {" -0700", 6}, {" -07:00", 7}} {
		if len(rest) < z.size || z.size == 1 && rest[0] != 'Z' {
			continue
		}
		layout := z.layout
		if z.size == 1 {
			layout = "Z07:00"
		}
		if at, err := time.Parse("2006-01-02T15:04:05"+layout, seconds+fraction+rest[:z.size]); err == nil {
			return at.UTC()
		}
	}
	at, err := time.ParseInLocation("2006-01-02T15:04:05", seconds+fraction, zone)
	if err != nil {
		return time.Time{}
	}
	return at.UTC()
}
