package monitor

import (
	"testing"

	"mainstay/internal/core"
	"mainstay/internal/platform/probe"
)

func TestValuesOfItemsAreText(t *testing.T) {
	t.Parallel()
	item := Item{ID: itemID, Name: "web${item.name}", Attributes: map[string]string{
		"loop": "${item.loop}", "secret": "secret:database", "short": "base", "port": "443",
	}}
	for _, c := range []struct{ text, want string }{
		{"${item.name}:${item.port}", "web${item.name}:443"},
		{"${item.loop}", "${item.loop}"},
		{"${item.port", "${item.port"},
		{"a${item.short}b${item.", "abaseb${item."},
		{"the ${item.secret}", "the secret:database"},
		{"secret:data${item.short}", "secret:database"},
		{"/${parameter.path}/${parameter.absent:-y}${item.absent:-}:${item.port:-80}", "/x/y:443"},
	} {
		got, err := expand(probe.Spec{TCP: &probe.TCP{Address: "x:1", Expect: c.text}}, item, map[string]string{"path": "x"})
		if err != nil || got.TCP.Expect != c.want {
			t.Errorf("%s became %+v, %v", c.text, got.TCP, err)
		}
	}
	for text, code := range map[string]core.Code{"${item.secret}": core.CodeForbidden, "${item.absent}": core.CodeInvalid, "${parameter.absent}": core.CodeInvalid} {
		if _, err := expand(probe.Spec{TCP: &probe.TCP{Address: "x:1", Expect: text}}, item, nil); core.CodeOf(err) != code {
			t.Errorf("%s: %v", text, err)
		}
	}
}
