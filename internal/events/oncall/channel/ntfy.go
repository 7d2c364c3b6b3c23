package channel

import "context"

// ntfySender publishes as JSON (docs.ntfy.sh/publish, "Publish as JSON"). To is the topic.
type ntfySender struct{ way }

func (s ntfySender) Send(ctx context.Context, m Message) (Receipt, error) {
	address, err := s.address(ctx, "https://ntfy.sh")
	if err != nil {
		return Receipt{}, err
	}
	topic, err := s.to(m)
	if err != nil {
		return Receipt{}, err
	}
	subject, text, err := s.spec.both(m)
	if err != nil {
		return Receipt{}, err
	}
	if text == "" {
		text = subject
	}
	headers := map[string]string{}
	var token string
	if s.spec.Secret != "" {
		if token, err = s.reveal(ctx, s.spec.Secret); err != nil {
			return Receipt{}, err
		}
		headers["Authorization"] = "Bearer " + token
	}
	priority, tag := 3, "information_source"
	switch {
	case m.Purpose == Resolved:
		priority, tag = 2, "white_check_mark"
	case m.Purpose == Page && m.Urgency == "high":
		priority, tag = 5, "rotating_light"
	case m.Purpose == Page:
		tag = "warning"
	}
	actions := []any{}
	for _, l := range m.links() {
		actions = append(actions, map[string]any{"action": "view", "label": l.label, "url": l.url})
	}
	body := map[string]any{"topic": topic, "title": short(250, subject), "message": short(4000, text), "priority": priority, "tags": []string{tag}, "actions": actions}
	if m.URL != "" {
		body["click"] = m.URL
	}
	return s.post(ctx, address, headers, body, token)
}
