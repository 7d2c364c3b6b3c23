package classes_test

import (
	"slices"
	"strings"
	"testing"
	"testing/fstest"

	"mainstay/internal/core"
	"mainstay/internal/graph/classes"
)

func defaults(t testing.TB) *classes.Catalogue {
	t.Helper()
	c, err := classes.Default()
	if err != nil {
		t.Fatal(err)
	}
	return c
}

func TestDefaultSetIsSound(t *testing.T) {
	t.Parallel()
	c := defaults(t)
	for _, r := range c.Classes() {
		if err := c.CheckSchemas(r.Name); err != nil {
			t.Errorf("%s: %v", r.Name, err)
		}
		if r.Icon == "" || r.Label == "" || r.Plural == "" {
			t.Errorf("%s has no icon, label or plural", r.Name)
		}
		if r.Name != classes.Root && len(r.Identification) == 0 {
			t.Errorf("%s cannot be identified", r.Name)
		}
	}
	for _, name := range []string{
		"host", "virtual_machine", "container", "operating_system", "software", "package", "service", "process",
		"database_server", "database", "application", "business_service", "endpoint", "network_device", "interface",
		"address", "prefix", "vlan", "site", "rack", "room", "printer", "print_queue", "storage_pool", "disk",
		"filesystem", "cluster", "load_balancer", "certificate", "person", "team", "contract", "licence", "vendor", "user_account",
	} {
		if _, ok := c.Class(name); !ok {
			t.Errorf("the default set has no %s", name)
		}
	}
}

func TestInheritance(t *testing.T) {
	t.Parallel()
	c := defaults(t)
	vm, _ := c.Class("virtual_machine")
	if vm.Family != "device" || !c.IsA("virtual_machine", "host") || c.IsA("host", "virtual_machine") {
		t.Fatalf("family %s, ancestors %v", vm.Family, vm.Ancestors)
	}
	for _, attribute := range []string{"cpuCount", "model", "description", "region"} {
		if _, ok := vm.Attributes[attribute]; !ok {
			t.Errorf("a virtual machine has no %s", attribute)
		}
	}
	if vm.Identification[0].Kinds[0] != "declared" || vm.Identification[3].Kinds[0] != "cloud_id" {
		t.Errorf("rules are %v", vm.Identification)
	}
	host, _ := c.Class("host")
	if host.Descendants[0] != "host" || !slices.Contains(host.Descendants, "virtual_machine") {
		t.Errorf("descendants of host: %v", host.Descendants)
	}
}

func TestAttributesAreCheckedWithTheirPath(t *testing.T) {
	t.Parallel()
	c := defaults(t)
	host, _ := c.Class("host")
	service, _ := c.Class("business_service")
	for _, test := range []struct {
		class     *classes.Resolved
		attribute string
		value     any
		want      string // field: rule
	}{
		{host, "cpuCount", 4.0, ""},
		{host, "cpuCount", "four", "cpuCount: must be integer, not string"},
		{host, "addresses", []any{"10.0.0.1", 2.0}, "addresses[1]: must be string, not number"},
		{host, "criticality", "mild", "criticality: must be one of low, medium, high, critical"},
		{host, "somethingElse", true, ""},
		{host, "uptime", 12.0, "uptime: changes all the time: send it as a metric, not as an attribute"},
		{service, "ownr", "x", "ownr: is not an attribute of this class"},
	} {
		got := ""
		if details := test.class.CheckAttribute(test.attribute, test.value); len(details) > 0 {
			got = details[0].Field + ": " + details[0].Rule
		}
		if got != test.want {
			t.Errorf("%s=%v: %q, want %q", test.attribute, test.value, got, test.want)
		}
	}
}

// A text's length is counted in characters, and by its bytes only where that
// says enough.
func TestTheLengthOfATextIsChecked(t *testing.T) {
	t.Parallel()
	host, _ := defaults(t).Class("host")
	for text, allowed := range map[string]bool{
		strings.Repeat("x", 20000): true, strings.Repeat("x", 20001): false,
		strings.Repeat("ä", 20000): true, strings.Repeat("ä", 20001): false,
	} {
		if problems := host.CheckAttribute("description", text); (len(problems) == 0) != allowed {
			t.Errorf("%d bytes beginning with %s: %v", len(text), text[:2], problems)
		}
	}
}

func TestExtendReplacesAndChecks(t *testing.T) {
	t.Parallel()
	c := defaults(t)
	bigger, err := c.Extend(classes.Definitions{Classes: []classes.Class{{
		Name: "vending_machine", Parent: "device", Attributes: map[string]classes.Schema{"slots": {"type": "integer"}},
	}}})
	if err != nil {
		t.Fatal(err)
	}
	if _, ok := c.Class("vending_machine"); ok {
		t.Error("the old catalogue changed")
	}
	r, ok := bigger.Class("vending_machine")
	if !ok || r.Label != "Vending machine" || r.Attributes["model"] == nil {
		t.Errorf("the new class is %+v", r)
	}
	for name, d := range map[string]classes.Definitions{
		"unknown parent":   {Classes: []classes.Class{{Name: "a", Parent: "nothing"}}},
		"circle":           {Classes: []classes.Class{{Name: "a", Parent: "b"}, {Name: "b", Parent: "a"}}},
		"bad name":         {Classes: []classes.Class{{Name: "Not A Name"}}},
		"unknown kind":     {Classes: []classes.Class{{Name: "a", Identification: []classes.Rule{{Kinds: []string{"aura"}}}}}},
		"bad relation":     {RelationTypes: []classes.RelationType{{Name: "r", Propagation: "sideways"}}},
		"unknown relation": {Classes: []classes.Class{{Name: "a", Relations: []classes.Allowed{{Type: "aura", To: []string{"item"}}}}}},
	} {
		if _, err := c.Extend(d); core.CodeOf(err) != core.CodeInvalid {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestNormalise(t *testing.T) {
	t.Parallel()
	c := defaults(t)
	for _, test := range []struct{ kind, value, want string }{
		{"serial", " ABC123 ", "abc123"},
		{"serial", "To Be Filled By O.E.M.", ""},
		{"system_uuid", "00000000-0000-0000-0000-000000000000", ""},
		{"mac", "AA-BB-CC-DD-EE-FF", "aa:bb:cc:dd:ee:ff"},
		{"mac", "02:42:ac:11:00:02", ""},
		{"mac", "nonsense", ""},
		{"fqdn", "Web1.Example.COM.", "web1.example.com"},
		{"ip", "10.0.0.5/24", "10.0.0.5"},
		{"ip", "::ffff:10.0.0.5", "10.0.0.5"},
		{"ip", "127.0.0.1", ""},
	} {
		kind, _ := c.Identifier(test.kind)
		if got := kind.Normalise(test.value); got != test.want {
			t.Errorf("%s %q became %q, want %q", test.kind, test.value, got, test.want)
		}
	}
}

func TestRank(t *testing.T) {
	t.Parallel()
	c := defaults(t)
	host, _ := c.Class("host")
	if host.Rank("model", "person") != 0 || host.Rank("model", "cloud:aws") != host.Rank("model", "cloud") {
		t.Error("sources are ranked wrongly")
	}
	if host.Rank("model", "a stranger") <= host.Rank("model", "import") {
		t.Error("an unlisted source beats a listed one")
	}
}

// The files are the only place where classes are defined, so a misspelt key must not pass.
func TestUnknownKeysAreRefused(t *testing.T) {
	t.Parallel()
	_, err := classes.Read(fstest.MapFS{"a.yaml": {Data: []byte("class: {name: x, parnt: item}\n")}})
	if err == nil {
		t.Fatal("a misspelt key was taken")
	}
}
