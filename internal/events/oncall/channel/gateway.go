package channel

import (
	"cmp"
	"context"
	"net/http"
	"strings"
)

// gatewaySender reaches telephones through whatever HTTP gateway there is: its
// request is a template. Without a body it posts JSON with to, from and text.
type gatewaySender struct{ way }

// maxSMS keeps a message in a few parts of a short message.
const maxSMS = 450

func (s gatewaySender) Send(ctx context.Context, m Message) (Receipt, error) {
	to, err := s.to(m)
	if err != nil {
		return Receipt{}, err
	}
	subject, err := s.spec.subject(m)
	if err != nil {
		return Receipt{}, permanent("template: %w", err)
	}
	text := subject
	switch {
	case s.spec.Text != "":
		if text, err = render(s.spec.Text, m); err != nil {
			return Receipt{}, permanent("template: %w", err)
		}
	case s.spec.Type == Voice:
		text = "This is Mainstay. " + strings.NewReplacer("[", "", "]", ":").Replace(subject) + "." // it is read aloud
	case m.AckURL != "":
		text = short(maxSMS-len(m.AckURL), subject) + "\n" + m.AckURL
	}
	m.To, m.Title, m.Text = to, subject, text
	address, err := s.address(ctx, "")
	if err == nil {
		address, err = s.fill(address, m)
	}
	if err != nil {
		return Receipt{}, err
	}
	headers, secrets, err := s.headers(ctx)
	if err != nil {
		return Receipt{}, err
	}
	if s.spec.Secret != "" {
		token, err := s.reveal(ctx, s.spec.Secret)
		if err != nil {
			return Receipt{}, err
		}
		secrets = append(secrets, token)
		if _, given := headers["Authorization"]; !given {
			headers["Authorization"] = "Bearer " + token
		}
	}
	method := cmp.Or(s.spec.Method, http.MethodPost)
	if s.spec.Body == "" && method != http.MethodGet {
		return s.sendJSON(ctx, method, address, headers, map[string]string{"to": to, "from": s.spec.From, "text": text, "id": m.ID}, secrets...)
	}
	body, err := s.fill(s.spec.Body, m)
	if err != nil {
		return Receipt{}, err
	}
	return s.send(ctx, method, address, headers, []byte(body), secrets...)
}

func (s gatewaySender) fill(text string, m Message) (string, error) {
	out, err := render(text, m)
	if err != nil {
		return "", permanent("template: %w", err)
	}
	return out, nil
}
