package desk

import (
	"strings"
	"testing"
)

func TestMarkdownIsHarmless(t *testing.T) {
	t.Parallel()
	r := newRenderer()
	for text, want := range map[string]string{
		"**bold** `code`":                               "<p><strong>bold</strong> <code>code</code></p>",
		"a <b onclick=x>b</b>":                          "<p>a b</p>",
		"[x](javascript:alert(1))":                      "<p>x</p>",
		"![x](http://evil.example/p.png)":               "<p></p>",
		"[x](/incidents/1)":                             `<p><a href="/incidents/1" rel="nofollow noreferrer">x</a></p>`,
		"[x](https://a.example \"t\" )":                 `<p><a href="https://a.example" rel="nofollow noreferrer noopener" target="_blank">x</a></p>`,
		"| a |\n|---|\n| b |":                           "<table>\n<thead>\n<tr>\n<th>a</th>\n</tr>\n</thead>\n<tbody>\n<tr>\n<td>b</td>\n</tr>\n</tbody>\n</table>",
		"<img src=x onerror=alert(1)>":                  "",
		"[x](data:text/html,<script>alert(1)</script>)": "<p>x</p>",
	} {
		if got := r.html(text); got != want {
			t.Errorf("%q became %q", text, got)
		}
	}
	if got := r.html(markdownText("a*b*_c_[x](y)<i>#1`")); got != "<p>a*b*_c_[x](y)&lt;i&gt;#1`</p>" {
		t.Errorf("a name became %q", got)
	}
}

// FuzzMarkdown looks for anything a browser would run.
func FuzzMarkdown(f *testing.F) {
	f.Add("<script>alert(1)</script>")
	f.Add("[a](javascript:x) <svg/onload=x>")
	f.Add("```html\n<iframe>\n```")
	r := newRenderer()
	f.Fuzz(func(t *testing.T, text string) {
		out := strings.ToLower(r.html(text))
		for _, bad := range []string{"<script", "<iframe", "<img", "<svg", "<style", "<object", "href=\"javascript", "href=\"data"} {
			if strings.Contains(out, bad) {
				t.Fatalf("%q became %q", text, out)
			}
		}
	})
}
