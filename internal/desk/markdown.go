package desk

import (
	"bytes"
	"regexp"
	"strings"

	"github.com/microcosm-cc/bluemonday"
	"github.com/yuin/goldmark"
	"github.com/yuin/goldmark/extension"
)

// renderer turns what people write into HTML that can do no harm: raw HTML is
// dropped by goldmark, and what is left passes an allow-list. Pictures are not
// on it: one on another server would tell that server who reads an incident.
// It is safe for concurrent use.
type renderer struct {
	markdown goldmark.Markdown
	policy   *bluemonday.Policy
}

func newRenderer() *renderer {
	policy := bluemonday.NewPolicy()
	policy.AllowElements("p", "br", "hr", "h1", "h2", "h3", "h4", "h5", "h6", "strong", "em", "del", "code", "pre",
		"blockquote", "ul", "ol", "li", "table", "thead", "tbody", "tr", "th", "td")
	policy.AllowAttrs("class").Matching(regexp.MustCompile(`^language-[A-Za-z0-9_+-]+$`)).OnElements("code")
	policy.AllowAttrs("start").Matching(bluemonday.Integer).OnElements("ol")
	policy.AllowStandardURLs()
	policy.AllowRelativeURLs(true)
	policy.AllowAttrs("href").OnElements("a")
	policy.RequireNoReferrerOnLinks(true)
	policy.AddTargetBlankToFullyQualifiedLinks(true)
	return &renderer{goldmark.New(goldmark.WithExtensions(extension.Strikethrough, extension.Table, extension.Linkify)), policy}
}

// html renders text; what cannot be rendered is shown as it was written.
func (r *renderer) html(text string) string {
	if text == "" {
		return ""
	}
	var out bytes.Buffer
	if err := r.markdown.Convert([]byte(text), &out); err != nil {
		return r.policy.Sanitize(text)
	}
	return strings.TrimSpace(r.policy.Sanitize(out.String()))
}

// markdownText writes a name so that Markdown shows it as it is.
func markdownText(s string) string {
	var out strings.Builder
	for _, c := range s {
		if strings.ContainsRune("\\`*_{}[]()<>#+!|~", c) {
			out.WriteByte('\\')
		}
		if c == '\n' || c == '\r' {
			c = ' '
		}
		out.WriteRune(c)
	}
	return out.String()
}
