package channel

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strings"
	"time"
	"unicode/utf8"

	"mainstay/internal/core"
)

// Purpose says why a message is sent.
type Purpose string

// The purposes.
const (
	Page         Purpose = "page"         // somebody must act
	Acknowledged Purpose = "acknowledged" // to other paging services: somebody does
	Resolved     Purpose = "resolved"     // it is over
	HandOver     Purpose = "handover"     // duty begins or ends
	Test         Purpose = "test"
)

// Message is what is told.
type Message struct {
	ID         string        // of the delivery; the same at each try
	Purpose    Purpose       //
	Situation  string        // its id; deduplicates at other paging services
	Title      string        // one line
	Text       string        // what is known, in plain text
	Severity   core.Severity //
	Urgency    string        // high or low
	Services   []string      // names of what is reached
	URL        string        // of the console's page
	AckURL     string        // acknowledges, after a confirmation; may be empty
	ResolveURL string        //
	Person     string        // name of who is told; empty: a team's channel
	To         string        // their address on this channel
	At         time.Time     // when it came about
}

// Example is a message to try templates with.
func Example() Message {
	return Message{ID: "01examplexxxxxxxxxxxxxxxxx", Purpose: Test, Situation: "01situationxxxxxxxxxxxxxxx", Title: "Test message", Text: "This is a test. Nothing is wrong.",
		Severity: core.Info, Urgency: "high", Services: []string{"Example service"}, URL: "https://mainstay.example.org/", AckURL: "https://mainstay.example.org/a",
		ResolveURL: "https://mainstay.example.org/r", Person: "Ann Example", To: "ann@example.org", At: time.Unix(1_800_000_000, 0).UTC()}
}

// Receipt is the proof of a delivery: what the other side answered.
type Receipt struct {
	Status int    // of HTTP; 0 for other protocols
	Answer string // its beginning
}

// Failure is a try that did not succeed.
type Failure struct {
	Permanent bool          // no other try can help
	After     time.Duration // the other side asks to wait so long; 0: it says nothing
	Cause     error
}

func (f *Failure) Error() string { return f.Cause.Error() }

// Unwrap returns the cause.
func (f *Failure) Unwrap() error { return f.Cause }

// permanent is a failure that stays one.
func permanent(format string, args ...any) error {
	return &Failure{Permanent: true, Cause: fmt.Errorf(format, args...)}
}

// Permanent says whether another try cannot help.
func Permanent(err error) bool {
	var f *Failure
	return errors.As(err, &f) && f.Permanent
}

// After is how long the other side asked to wait.
func After(err error) time.Duration {
	var f *Failure
	if errors.As(err, &f) {
		return f.After
	}
	return 0
}

const maxRendered = 64 << 10

// bounded is a writer that refuses more than a message may hold.
type bounded struct{ bytes.Buffer }

func (b *bounded) Write(p []byte) (int, error) {
	if b.Len()+len(p) > maxRendered {
		return 0, errors.New("makes more than 64 KiB")
	}
	return b.Buffer.Write(p)
}

// render fills a template; text without one is itself.
func render(text string, m Message) (string, error) {
	if !strings.Contains(text, "{{") {
		return text, nil
	}
	t, err := parse("template", text)
	if err != nil {
		return "", err
	}
	var out bounded
	if err := t.Execute(io.Writer(&out), m); err != nil {
		return "", err
	}
	return out.String(), nil
}

func asJSON(v any) (string, error) {
	text, err := json.Marshal(v)
	return string(text), err
}

// short cuts text after n bytes at a character.
func short(n int, text string) string {
	n = max(n, 0)
	if len(text) <= n {
		return text
	}
	for n > 3 && !utf8.RuneStart(text[n-3]) {
		n--
	}
	return text[:max(n-3, 0)] + "…"
}

// subject is the first line of a message.
func (s Spec) subject(m Message) (string, error) {
	if s.Subject != "" {
		return render(s.Subject, m)
	}
	switch m.Purpose {
	case Page:
		return "[" + strings.ToUpper(m.Severity.String()) + "] " + m.Title, nil
	case Resolved:
		return "[RESOLVED] " + m.Title, nil
	}
	return m.Title, nil
}

// text is the rest of it, without links.
func (s Spec) text(m Message) (string, error) {
	if s.Text != "" {
		return render(s.Text, m)
	}
	out := m.Text
	if len(m.Services) > 0 && m.Purpose == Page {
		out += "\nReaches: " + strings.Join(m.Services, ", ")
	}
	return strings.TrimSpace(out), nil
}

// both are subject and text.
func (s Spec) both(m Message) (subject, text string, err error) {
	if subject, err = s.subject(m); err == nil {
		text, err = s.text(m)
	}
	if err != nil {
		err = permanent("template: %w", err)
	}
	return subject, text, err
}

// link is a button.
type link struct{ label, url string }

func (m Message) links() []link {
	var out []link
	for _, l := range []link{{"Acknowledge", m.AckURL}, {"Resolve", m.ResolveURL}, {"Open", m.URL}} {
		if l.url != "" {
			out = append(out, l)
		}
	}
	return out
}
