package channel

import (
	"context"
	"strings"
)

// mattermostSender posts to an incoming webhook
// (developers.mattermost.com/integrate/webhooks/incoming). To is a channel or @name.
type mattermostSender struct{ way }

func (s mattermostSender) Send(ctx context.Context, m Message) (Receipt, error) {
	address, err := s.address(ctx, "")
	if err != nil {
		return Receipt{}, err
	}
	subject, text, err := s.spec.both(m)
	if err != nil {
		return Receipt{}, err
	}
	var links []string
	for _, l := range m.links() {
		links = append(links, "["+l.label+"]("+l.url+")")
	}
	colour := "#c92a2a"
	switch {
	case m.Purpose == Resolved:
		colour = "#2b8a3e"
	case m.Severity.String() == "warning" || m.Severity.String() == "minor":
		colour = "#e67700"
	case m.Severity.String() == "info" || m.Severity.String() == "clear":
		colour = "#1971c2"
	}
	attachment := map[string]any{"fallback": short(300, subject), "color": colour, "title": short(300, subject), "title_link": m.URL,
		"text": strings.TrimSpace(short(7000, text) + "\n\n" + strings.Join(links, " | "))}
	body := map[string]any{"username": "Mainstay", "attachments": []any{attachment}}
	if to, err := s.to(m); err == nil {
		body["channel"] = to
	}
	return s.post(ctx, address, nil, body)
}
