package channel

import (
	"context"
	"encoding/json"
	"html"
	"strings"
	"time"
)

// telegramSender uses the Bot API (core.telegram.org/bots/api, sendMessage).
// To is the chat's id or @channel.
type telegramSender struct{ way }

func (s telegramSender) Send(ctx context.Context, m Message) (Receipt, error) {
	address, err := s.address(ctx, "https://api.telegram.org")
	if err != nil {
		return Receipt{}, err
	}
	token, err := s.reveal(ctx, s.spec.Secret)
	if err != nil {
		return Receipt{}, err
	}
	to, err := s.to(m)
	if err != nil {
		return Receipt{}, err
	}
	subject, text, err := s.spec.both(m)
	if err != nil {
		return Receipt{}, err
	}
	var row []any
	for _, l := range m.links() {
		row = append(row, map[string]any{"text": l.label, "url": l.url})
	}
	body := map[string]any{"chat_id": to, "parse_mode": "HTML", "text": "<b>" + html.EscapeString(short(300, subject)) + "</b>\n" + html.EscapeString(short(3000, text))}
	if len(row) > 0 {
		body["reply_markup"] = map[string]any{"inline_keyboard": []any{row}}
	}
	receipt, err := s.post(ctx, strings.TrimSuffix(address, "/")+"/bot"+token+"/sendMessage", nil, body, token)
	if f, ok := err.(*Failure); ok && receipt.Status == 429 {
		var wait struct {
			Parameters struct {
				RetryAfter int `json:"retry_after"`
			} `json:"parameters"`
		}
		if json.Unmarshal([]byte(receipt.Answer), &wait) == nil && wait.Parameters.RetryAfter > 0 {
			f.After = min(time.Duration(wait.Parameters.RetryAfter)*time.Second, time.Hour)
		}
	}
	return receipt, err
}
