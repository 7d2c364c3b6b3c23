package channel

import (
	"context"
	"strings"
)

// slackSender posts to an incoming webhook (api.slack.com/messaging/webhooks)
// with blocks: a header, the text, and buttons that open links.
type slackSender struct{ way }

func (s slackSender) Send(ctx context.Context, m Message) (Receipt, error) {
	address, err := s.address(ctx, "")
	if err != nil {
		return Receipt{}, err
	}
	subject, text, err := s.spec.both(m)
	if err != nil {
		return Receipt{}, err
	}
	escape := strings.NewReplacer("&", "&amp;", "<", "&lt;", ">", "&gt;").Replace
	section := func(text string) map[string]any {
		return map[string]any{"type": "section", "text": map[string]any{"type": "mrkdwn", "text": text}}
	}
	mark := map[string]string{"critical": ":red_circle:", "major": ":red_circle:", "minor": ":large_orange_circle:", "warning": ":large_yellow_circle:"}[m.Severity.String()]
	if m.Purpose == Resolved {
		mark = ":large_green_circle:"
	}
	blocks := []any{section(strings.TrimSpace(mark + " *" + escape(short(200, subject)) + "*"))}
	if text != "" {
		blocks = append(blocks, section(escape(short(2900, text)))) // 3000 characters at most
	}
	var buttons []any
	for i, l := range m.links() {
		button := map[string]any{"type": "button", "action_id": "link-" + string(rune('a'+i)), "url": l.url, "text": map[string]any{"type": "plain_text", "text": l.label}}
		if l.label == "Acknowledge" {
			button["style"] = "primary"
		}
		buttons = append(buttons, button)
	}
	if len(buttons) > 0 {
		blocks = append(blocks, map[string]any{"type": "actions", "elements": buttons})
	}
	return s.post(ctx, address, nil, map[string]any{"text": escape(short(300, subject)), "blocks": blocks})
}
