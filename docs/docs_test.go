package docs_test

import (
	"encoding/json"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"mainstay/internal/desk"
	"mainstay/internal/events"
	"mainstay/internal/events/health"
	"mainstay/internal/events/hooks"
	"mainstay/internal/events/mailbox"
	"mainstay/internal/events/oncall"
	"mainstay/internal/events/oncall/roster"
	"mainstay/internal/events/pipeline/rulebook"
	"mainstay/internal/events/routing"
	"mainstay/internal/events/traps"
	"mainstay/internal/graph"
	"mainstay/internal/jobs"
	"mainstay/internal/logs/datasets"
	"mainstay/internal/logs/logrules"
	"mainstay/internal/logs/processing"
	"mainstay/internal/logs/searches"
	"mainstay/internal/logs/sources"
	"mainstay/internal/monitor"
	"mainstay/internal/monitor/availability"
	"mainstay/internal/monitor/dashboard"
	"mainstay/internal/monitor/foresight"
	"mainstay/internal/monitor/scraping"
	"mainstay/internal/monitor/statuspage"
	"mainstay/internal/platform/declare"
	"mainstay/internal/platform/reportmail"
)

// into reads a spec strictly as T, the type its kind has.
func into[T any](spec json.RawMessage) error { return declare.Decode(spec, new(T)) }

// parsed reads a spec with the parser its kind has.
func parsed[T any](parse func(json.RawMessage) (*T, error)) func(json.RawMessage) error {
	return func(spec json.RawMessage) error { _, err := parse(spec); return err }
}

// valued is parsed for a parser that gives a value.
func valued[T any](parse func(json.RawMessage) (T, error)) func(json.RawMessage) error {
	return func(spec json.RawMessage) error { _, err := parse(spec); return err }
}

var kinds = map[string]func(json.RawMessage) error{
	"Item": into[graph.ItemSpec], "Class": into[graph.ClassSpec], "RelationType": into[graph.RelationTypeSpec],
	"Check": into[monitor.CheckSpec], "MetricRule": into[monitor.RuleSpec], "RuleFile": into[monitor.RuleFileSpec], "MaintenanceWindow": into[monitor.WindowSpec],
	"Scrape": scrape, "Baseline": into[foresight.BaselineSpec], "CapacityPool": into[foresight.PoolSpec], "Dashboard": into[dashboard.Spec],
	"PriorityMatrix": matrix, "ServiceHealth": healthRule,
	"Silence": into[events.SilenceSpec], "CorrelationSettings": into[events.CorrelationSpec], "CorrelationRule": into[events.CorrelationRuleSpec],
	"EventSource": into[hooks.SourceSpec], "Mailbox": parsed(mailbox.ParseSpec),
	"AlertRouting": into[routing.Spec], "Inhibition": into[events.InhibitionSpec],
	"EventRules": valued(rulebook.Parse), "LookupTable": valued(rulebook.ParseTable),
	"TrapRule": parsed(traps.ParseRule),
	"Rota":     parsed(roster.Parse), "EscalationPolicy": parsed(oncall.ParsePolicy), "Channel": parsed(oncall.ParseChannel), "Override": parsed(oncall.ParseOverride),
	"LogRule": into[logrules.Spec], "Dataset": into[datasets.Spec], "LogProcessing": parsed(processing.ParseSpec), "SavedSearch": into[searches.Spec], "LogSource": into[sources.Spec],
	"Runbook": into[jobs.Runbook], "Remediation": into[jobs.Remediation],
	"AvailabilityTarget": parsed(availability.ParseTarget), "StatusPage": parsed(statuspage.ParseSpec), "ReportMail": into[reportmail.Spec],
	"Calendar": parsed(desk.ParseCalendar), "ServiceLevel": parsed(desk.ParseServiceLevel), "AssignmentRule": parsed(desk.ParseAssignmentRule),
}

// selectors reads every selector of items that a specification holds.
func selectors(spec json.RawMessage) (bad error) {
	var look func(value any)
	look = func(value any) {
		switch value := value.(type) {
		case map[string]any:
			for name, one := range value {
				if text, ok := one.(string); ok && name == "selector" {
					bad = errors.Join(bad, graph.CheckSelector(text))
				}
				look(one)
			}
		case []any:
			for _, one := range value {
				look(one)
			}
		}
	}
	var all any
	if err := json.Unmarshal(spec, &all); err != nil {
		return err
	}
	look(all)
	return bad
}

// scrape reads a specification as the kind Scrape does.
func scrape(spec json.RawMessage) error { return scraping.Check("example", spec, scraping.Defaults()) }

// matrix reads the table of priorities.
func matrix(spec json.RawMessage) error { _, err := events.ParseMatrix(spec); return err }

// healthRule reads a rule of service health; examples are not all named default.
func healthRule(spec json.RawMessage) error {
	_, err := health.ParseSpec("example", spec)
	if err != nil {
		_, err = health.ParseSpec(health.DefaultRule, spec)
	}
	return err
}

// walk calls f with every file of the project that ends in one of the suffixes.
func walk(t *testing.T, f func(path, text string), suffixes ...string) {
	t.Helper()
	err := filepath.WalkDir("..", func(path string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		if name := d.Name(); d.IsDir() && (name == "node_modules" || name == ".git" || name == "data" || name == "bin" || name == "testdata") {
			return filepath.SkipDir
		}
		for _, suffix := range suffixes {
			if d.Type().IsRegular() && strings.HasSuffix(path, suffix) {
				text, err := os.ReadFile(path)
				if err != nil {
					return err
				}
				f(path, string(text))
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
}

var (
	fence    = regexp.MustCompile("(?ms)^```ya?ml\n(.*?)^```")
	document = regexp.MustCompile(`(?m)^kind: `)
	link     = regexp.MustCompile(`\]\(([^)\s]+)\)`)
	heading  = regexp.MustCompile(`(?m)^#+ (.*)$`)
	noAnchor = regexp.MustCompile(`[^a-z0-9 _-]`)
)

func TestDocumentsAreValid(t *testing.T) {
	seen := map[string]int{}
	valid := func(place, text string) {
		for _, doc := range declare.Parse([]byte(text)) {
			check := kinds[doc.Kind]
			switch {
			case doc.Err != nil:
				t.Errorf("%s: %v", place, doc.Err)
			case check == nil:
				t.Errorf("%s: there is no kind %q", place, doc.Kind)
			default:
				if err := errors.Join(check(doc.Spec), selectors(doc.Spec)); err != nil {
					t.Errorf("%s: %s %s: %v", place, doc.Kind, doc.Name, err)
				}
			}
			seen[doc.Kind]++
		}
	}
	walk(t, func(path, text string) {
		for _, m := range fence.FindAllStringSubmatch(text, -1) {
			if document.MatchString(m[1]) {
				valid(path, m[1])
			}
		}
	}, ".md")
	walk(t, func(path, text string) {
		if strings.HasPrefix(path, filepath.Join("..", "examples")) {
			valid(path, text)
		}
	}, ".yaml")
	for _, kind := range []string{"Item", "Check", "MetricRule", "MaintenanceWindow", "Runbook", "Remediation", "Calendar", "ServiceLevel", "AssignmentRule",
		"Silence", "CorrelationSettings", "PriorityMatrix", "ServiceHealth", "AvailabilityTarget", "StatusPage", "Rota", "EscalationPolicy", "Channel", "Override"} {
		if seen[kind] == 0 {
			t.Errorf("no document shows the kind %s", kind)
		}
	}
}

func TestLinksLeadSomewhere(t *testing.T) {
	anchors := func(text string) map[string]bool {
		all := map[string]bool{}
		for _, m := range heading.FindAllStringSubmatch(text, -1) {
			all[strings.ReplaceAll(noAnchor.ReplaceAllString(strings.ToLower(m[1]), ""), " ", "-")] = true
		}
		return all
	}
	walk(t, func(path, text string) {
		for _, m := range link.FindAllStringSubmatch(text, -1) {
			if strings.Contains(m[1], "://") || strings.HasPrefix(m[1], "/") || // an address of the console, in an answer
				strings.Contains(m[1], "docs/images/") { // pictures are made by the browser's test
				continue
			}
			file, anchor, _ := strings.Cut(m[1], "#")
			target := filepath.Join(filepath.Dir(path), file)
			if file == "" {
				target = path
			}
			content, err := os.ReadFile(target)
			if _, missing := os.Stat(target); missing != nil {
				t.Errorf("%s: nothing is at %s", path, m[1])
			} else if anchor != "" && (err != nil || !anchors(string(content))[anchor]) {
				t.Errorf("%s: %s has no heading %s", path, file, anchor)
			}
		}
	}, ".md")
}
