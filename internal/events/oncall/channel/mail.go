package channel

import (
	"context"
	"errors"
	"strings"

	gomail "github.com/wneessen/go-mail"

	"mainstay/internal/platform/mail"
)

// mailSender hands mail to the installation's server.
type mailSender struct{ way }

func (s mailSender) Send(ctx context.Context, m Message) (Receipt, error) {
	if s.tools.Mail == nil || !s.tools.Mail.Configured() {
		return Receipt{}, permanent("no mail server is configured")
	}
	to, err := s.to(m)
	if err != nil {
		return Receipt{}, err
	}
	if to, err = mail.Address(to); err != nil {
		return Receipt{}, permanent("%q is no mail address", to)
	}
	subject, text, err := s.spec.both(m)
	if err != nil {
		return Receipt{}, err
	}
	err = s.tools.Mail.Deliver(ctx, mail.Message{ID: m.ID, To: to, Subject: subject, Text: text + "\n\n" + linkLines(m)})
	var refused *gomail.SendError
	if errors.As(err, &refused) && !refused.IsTemp() && refused.ErrorCode() >= 500 {
		return Receipt{}, &Failure{Permanent: true, Cause: err}
	}
	if err != nil {
		return Receipt{}, &Failure{Cause: err}
	}
	return Receipt{Answer: "the mail server took it"}, nil
}

// linkLines are the links of a message in plain text.
func linkLines(m Message) string {
	var out strings.Builder
	for _, l := range m.links() {
		out.WriteString(l.label + ": " + l.url + "\n")
	}
	return out.String()
}
