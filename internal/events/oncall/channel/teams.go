package channel

import "context"

// teamsSender posts an adaptive card to a workflow's webhook ("Send webhook
// alerts to a channel"), as Microsoft describes it for Teams.
type teamsSender struct{ way }

func (s teamsSender) Send(ctx context.Context, m Message) (Receipt, error) {
	address, err := s.address(ctx, "")
	if err != nil {
		return Receipt{}, err
	}
	subject, text, err := s.spec.both(m)
	if err != nil {
		return Receipt{}, err
	}
	colour := "Default"
	switch {
	case m.Purpose == Resolved:
		colour = "Good"
	case m.Severity.String() == "critical" || m.Severity.String() == "major":
		colour = "Attention"
	case m.Severity.String() == "minor" || m.Severity.String() == "warning":
		colour = "Warning"
	}
	body := []any{map[string]any{"type": "TextBlock", "text": short(300, subject), "weight": "Bolder", "size": "Medium", "wrap": true, "color": colour}}
	if text != "" {
		body = append(body, map[string]any{"type": "TextBlock", "text": short(10_000, text), "wrap": true})
	}
	actions := []any{}
	for _, l := range m.links() {
		actions = append(actions, map[string]any{"type": "Action.OpenUrl", "title": l.label, "url": l.url})
	}
	card := map[string]any{"$schema": "http://adaptivecards.io/schemas/adaptive-card.json", "type": "AdaptiveCard", "version": "1.4", "body": body, "actions": actions}
	return s.post(ctx, address, nil, map[string]any{"type": "message", "attachments": []any{
		map[string]any{"contentType": "application/vnd.microsoft.card.adaptive", "contentUrl": nil, "content": card}}})
}
