package statuspage

import (
	"net/http"

	"mainstay/internal/core"
	"mainstay/internal/platform/auth"
	"mainstay/internal/platform/httpapi"
)

// publicRoutes are for people outside. Pages themselves are answered by Front;
// what reaches these is internal, not there, or changes something.
func (c *Component) publicRoutes(api *httpapi.API) {
	handle := func(pattern string, h http.HandlerFunc) { api.Mount(pattern, auth.Public, h) }
	handle("GET /status/{slug}", c.servePage)
	handle("GET /status/{slug}/{file}", c.servePage)
	handle("POST /status/{slug}/subscribe", c.serveSubscribe)
	handle("GET /status/{slug}/confirm/{token}", func(w http.ResponseWriter, r *http.Request) {
		c.ask(w, r, "Confirm the address to get news of this page by mail.", "Confirm")
	})
	handle("POST /status/{slug}/confirm/{token}", func(w http.ResponseWriter, r *http.Request) {
		c.withPage(w, r, func(page *rendered) error { return c.confirm(r.Context(), page.page, r.PathValue("token")) }, "The address is confirmed. You will get mail when there is news.")
	})
	handle("GET /status/{slug}/unsubscribe/{token}", func(w http.ResponseWriter, r *http.Request) {
		c.ask(w, r, "Get no more mail about this page?", "Unsubscribe")
	})
	handle("POST /status/{slug}/unsubscribe/{token}", func(w http.ResponseWriter, r *http.Request) {
		c.withPage(w, r, func(page *rendered) error { return c.unsubscribe(r.Context(), page.page, r.PathValue("token")) }, "You will get no more mail, and the address is forgotten.")
	})
}

// servePage shows a page: internal ones to who may read status pages.
func (c *Component) servePage(w http.ResponseWriter, r *http.Request) {
	page := (*c.served.Load())[r.PathValue("slug")]
	if page == nil {
		c.message(w, http.StatusNotFound, notice404())
		return
	}
	if !page.public && !auth.From(r.Context()).Can("status:read") && !auth.From(r.Context()).Can("statuspages:read") {
		if auth.From(r.Context()) == nil {
			http.Redirect(w, r, "/login?next="+"/status/"+page.shown.Slug, http.StatusSeeOther)
			return
		}
		c.message(w, http.StatusNotFound, notice404())
		return
	}
	f, ok := page.files[r.PathValue("file")]
	if !ok {
		c.message(w, http.StatusNotFound, notice404())
		return
	}
	w.Header().Set("Cache-Control", "private, no-cache")
	f.write(w, r)
}

// says is what the small pages around a status page show.
type says struct{ Title, Text, Slug, Button, Action string }

func notice404() says { return says{Title: "No such page", Text: "There is no status page here."} }

func (c *Component) message(w http.ResponseWriter, status int, s says) {
	text, err := execute("message", s, "UTC")
	if err != nil {
		httpapi.WriteProblem(w, c.deps.Log, err)
		return
	}
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	w.Header().Set("Content-Security-Policy", policy())
	w.Header().Set("Cache-Control", "no-store")
	w.WriteHeader(status)
	w.Write(text)
}

// open is the public page of a request that offers mail.
func (c *Component) open(w http.ResponseWriter, r *http.Request) *rendered {
	page := (*c.served.Load())[r.PathValue("slug")]
	if page == nil || !page.public {
		c.message(w, http.StatusNotFound, notice404())
		return nil
	}
	return page
}

func (c *Component) ask(w http.ResponseWriter, r *http.Request, text, button string) {
	if page := c.open(w, r); page != nil {
		c.message(w, http.StatusOK, says{page.shown.Title, text, page.shown.Slug, button, r.URL.Path})
	}
}

func (c *Component) withPage(w http.ResponseWriter, r *http.Request, do func(*rendered) error, done string) {
	page := c.open(w, r)
	if page == nil {
		return
	}
	said, status := done, http.StatusOK
	if err := do(page); err != nil {
		status, said = http.StatusServiceUnavailable, "This does not work just now: try again later."
		switch core.CodeOf(err) {
		case core.CodeInvalid:
			status, said = http.StatusUnprocessableEntity, "This is not a mail address, such as name@example.org."
		case core.CodeNotFound:
			status, said = http.StatusNotFound, "This link is not good any more: subscribe again."
		case core.CodeUnavailable:
		default:
			c.deps.Log.Warn("a status page could not do what it was asked", "page", page.page, "error", err)
		}
	}
	c.message(w, status, says{Title: page.shown.Title, Text: said, Slug: page.shown.Slug})
}

func (c *Component) serveSubscribe(w http.ResponseWriter, r *http.Request) {
	r.Body = http.MaxBytesReader(w, r.Body, 4096)
	c.withPage(w, r, func(page *rendered) error {
		if !page.shown.Subscribe {
			return core.Errorf(core.CodeUnavailable, "this page offers no mail")
		}
		return c.subscribe(r.Context(), page, r.PostFormValue("email"))
	}, "Look into your mailbox: a message asks you to confirm the address.")
}
