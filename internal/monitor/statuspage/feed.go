package statuspage

import (
	"encoding/xml"
	"slices"
	"time"
)

// atom is a feed as RFC 4287 has it.
type atom struct {
	XMLName xml.Name    `xml:"http://www.w3.org/2005/Atom feed"`
	ID      string      `xml:"id"`
	Title   string      `xml:"title"`
	Updated string      `xml:"updated"`
	Links   []atomLink  `xml:"link"`
	Author  atomAuthor  `xml:"author"`
	Entries []atomEntry `xml:"entry"`
}

type atomLink struct {
	Rel  string `xml:"rel,attr,omitempty"`
	Href string `xml:"href,attr"`
}

type atomAuthor struct {
	Name string `xml:"name"`
}

type atomEntry struct {
	ID      string   `xml:"id"`
	Title   string   `xml:"title"`
	Updated string   `xml:"updated"`
	Link    atomLink `xml:"link"`
	Content struct {
		Type string `xml:"type,attr"`
		Text string `xml:",chardata"`
	} `xml:"content"`
	at time.Time
}

// feedOf has an entry for every update, the newest first.
func feedOf(s *Shown, address string) ([]byte, error) {
	page := address + "/status/" + s.Slug
	feed := atom{ID: page, Title: s.Title, Author: atomAuthor{s.Title}, Links: []atomLink{{"self", page + "/feed.atom"}, {"alternate", page}}}
	for _, inc := range slices.Concat(s.Open, s.Planned, s.Past) {
		for _, u := range inc.Updates {
			e := atomEntry{ID: "urn:mainstay:status-update:" + u.ID, Title: inc.Title + ": " + u.Status, Updated: u.At.UTC().Format(time.RFC3339), Link: atomLink{Href: page}, at: u.At}
			e.Content.Type, e.Content.Text = "text", u.Body
			feed.Entries = append(feed.Entries, e)
		}
	}
	slices.SortFunc(feed.Entries, func(a, b atomEntry) int { return b.at.Compare(a.at) })
	feed.Updated = time.Unix(0, 0).UTC().Format(time.RFC3339)
	if len(feed.Entries) > 0 {
		feed.Updated = feed.Entries[0].Updated
	}
	text, err := xml.Marshal(feed)
	return append([]byte(xml.Header), text...), err
}
