// Package ics writes calendars as RFC 5545 has them, for calendars that
// subscribe to an address. It writes what on call needs and no more.
package ics

import (
	"bytes"
	"strings"
	"time"
	"unicode/utf8"
)

// Calendar is one feed.
type Calendar struct {
	Name   string
	Events []Event
	Every  time.Duration // how often a subscriber should look (RFC 7986, 5.7)
}

// Event is one entry.
type Event struct {
	UID         string // the same at every reading of the same shift
	Stamp       time.Time
	From, To    time.Time
	Summary     string
	Description string
	URL         string
}

// Encode writes the calendar.
func (c Calendar) Encode() []byte {
	var out bytes.Buffer
	line := func(text string) { fold(&out, text) }
	line("BEGIN:VCALENDAR")
	line("VERSION:2.0")
	line("PRODID:-//Mainstay//On call//EN")
	line("CALSCALE:GREGORIAN")
	line("METHOD:PUBLISH")
	line("NAME:" + escape(c.Name))
	line("X-WR-CALNAME:" + escape(c.Name))
	if c.Every > 0 {
		every := "PT" + strings.ToUpper(c.Every.Truncate(time.Minute).String())
		every = strings.TrimSuffix(every, "0S")
		line("REFRESH-INTERVAL;VALUE=DURATION:" + every)
		line("X-PUBLISHED-TTL:" + every)
	}
	for _, e := range c.Events {
		line("BEGIN:VEVENT")
		line("UID:" + escape(e.UID))
		line("DTSTAMP:" + utc(e.Stamp))
		line("DTSTART:" + utc(e.From))
		line("DTEND:" + utc(e.To))
		line("SUMMARY:" + escape(e.Summary))
		if e.Description != "" {
			line("DESCRIPTION:" + escape(e.Description))
		}
		if e.URL != "" {
			line("URL:" + strings.NewReplacer("\r", "", "\n", "").Replace(e.URL))
		}
		line("TRANSP:TRANSPARENT") // duty does not make somebody busy
		line("END:VEVENT")
	}
	line("END:VCALENDAR")
	return out.Bytes()
}

func utc(at time.Time) string { return at.UTC().Format("20060102T150405Z") }

// escape is TEXT of RFC 5545, 3.3.11.
func escape(text string) string {
	text = strings.Map(func(r rune) rune {
		if r < ' ' && r != '\n' && r != '\t' || r == 0x7f {
			return -1
		}
		return r
	}, strings.ToValidUTF8(strings.ReplaceAll(text, "\r\n", "\n"), "�"))
	return strings.NewReplacer(`\`, `\\`, ";", `\;`, ",", `\,`, "\n", `\n`).Replace(text)
}

// fold ends lines and breaks long ones after 75 octets (RFC 5545, 3.1), never
// within a character.
func fold(out *bytes.Buffer, text string) {
	limit := 75
	for len(text) > limit {
		n := limit
		for n > limit-4 && !utf8.RuneStart(text[n]) {
			n--
		}
		out.WriteString(text[:n] + "\r\n ")
		text = text[n:]
		limit = 74 // the space counts
	}
	out.WriteString(text + "\r\n")
}
