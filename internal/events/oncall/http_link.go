package oncall

import (
	_ "embed"
	"html/template"
	"net/http"

	"mainstay/internal/core"
)

//go:embed link.gohtml
var linkText string

// shownLink is what the page of a link shows.
type shownLink struct {
	Title   string
	Heading string
	Text    string
	Button  string // the form is there when it is given
	Open    string
}

// showLink asks before anything happens: scanners of mail open every link.
func (c *Component) showLink(w http.ResponseWriter, r *http.Request) {
	what, page, err := c.readLink(r.Context(), r.PathValue("token"))
	if err != nil {
		c.refuseLink(w, err)
		return
	}
	v := shownLink{Title: page.Title, Heading: "Acknowledge?", Text: "You say that you have it. Nobody else is told any more.", Button: "Acknowledge", Open: c.address() + "/situations/" + page.Situation}
	if what.Act == actResolve {
		v.Heading, v.Text, v.Button = "Resolve?", "The situation is closed: what still fails in it is cleared.", "Resolve"
	}
	switch {
	case page.State == stateResolved:
		v.Heading, v.Text, v.Button = "It is over", "Nothing is to be done any more.", ""
	case page.State == stateAcknowledged && what.Act == actAcknowledge:
		v.Heading, v.Text, v.Button = page.AcknowledgedBy+" has it", "It was acknowledged already.", ""
	}
	c.writeLink(w, http.StatusOK, v)
}

// followLink does it.
func (c *Component) followLink(w http.ResponseWriter, r *http.Request) {
	what, page, err := c.actByLink(r.Context(), r.PathValue("token"))
	if err != nil {
		c.refuseLink(w, err)
		return
	}
	v := shownLink{Title: page.Title, Heading: "You have it", Text: "Nobody else is told any more.", Open: c.address() + "/situations/" + page.Situation}
	if what.Act == actResolve {
		v.Heading, v.Text = "It is over", "Those who were told are told so."
	}
	c.writeLink(w, http.StatusOK, v)
}

func (c *Component) refuseLink(w http.ResponseWriter, err error) {
	status, text := http.StatusInternalServerError, "Something went wrong. Open the console instead."
	switch core.CodeOf(err) {
	case core.CodeNotFound:
		status, text = http.StatusNotFound, "This link is not good, or not any more. Open the console instead."
	case core.CodeForbidden:
		status, text = http.StatusForbidden, err.Error()
	case core.CodeConflict:
		status, text = http.StatusConflict, err.Error()
	default:
		c.deps.Log.Warn("a link of a message failed", "error", err)
	}
	c.writeLink(w, status, shownLink{Title: "Mainstay", Heading: "This does not work", Text: text, Open: c.address() + "/"})
}

func (c *Component) writeLink(w http.ResponseWriter, status int, v shownLink) {
	page, err := template.New("link").Parse(linkText)
	if err != nil {
		http.Error(w, "internal error", http.StatusInternalServerError)
		return
	}
	h := w.Header()
	h.Set("Content-Type", "text/html; charset=utf-8")
	h.Set("Cache-Control", "no-store")
	h.Set("Content-Security-Policy", "default-src 'none'; style-src 'unsafe-inline'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'")
	h.Set("X-Robots-Tag", "noindex")
	w.WriteHeader(status)
	page.Execute(w, v)
}
