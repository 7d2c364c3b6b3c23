package jobs

import (
	"fmt"
	"maps"
	"net/http"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"time"

	"mainstay/internal/core"
)

// Limits of a runbook.
const (
	mostSteps      = 200
	mostParameters = 50
	longestScript  = 96 << 10 // what agents take
	longestRun     = 7 * 24 * time.Hour
	mostAttempts   = 100
)

var (
	stepID      = regexp.MustCompile(`^[a-z0-9][a-z0-9_-]{0,62}$`)
	environment = regexp.MustCompile(`^[A-Za-z_][A-Za-z0-9_]*$`)
)

// Validate names everything that is wrong with the runbook, by its field.
func (r *Runbook) Validate() error {
	var wrong []core.Detail
	add := func(field, rule string) {
		wrong = append(wrong, core.Detail{Field: "spec." + field, Rule: rule})
	}
	if r.Concurrency < 0 {
		add("concurrency", "must not be negative")
	}
	checkDuration(r.Timeout, "timeout", longestRun, add)
	if len(r.Parameters) > mostParameters {
		add("parameters", fmt.Sprintf("must not be more than %d", mostParameters))
	}
	names := map[string]bool{}
	for i := range r.Parameters {
		field := fmt.Sprintf("parameters[%d]", i)
		r.Parameters[i].validate(field, add)
		if names[variable(r.Parameters[i].Name)] {
			add(field+".name", "is used twice")
		}
		names[variable(r.Parameters[i].Name)] = true
	}
	switch n := len(r.Steps); {
	case n == 0:
		add("steps", "must hold at least one step")
	case n > mostSteps:
		add("steps", fmt.Sprintf("must not be more than %d", mostSteps))
	default:
		for i := range r.Steps {
			r.validateStep(&r.Steps[i], fmt.Sprintf("steps[%d]", i), add)
		}
		r.validateGraph(add)
	}
	return core.InvalidAll(wrong)
}

func checkDuration(d Duration, field string, most time.Duration, add func(field, rule string)) {
	if d < 0 || time.Duration(d) > most {
		add(field, fmt.Sprintf("must be between 0 and %s", most))
	}
}

func (r *Runbook) validateStep(s *Step, field string, add func(field, rule string)) {
	if !stepID.MatchString(s.ID) {
		add(field+".id", "must begin with a small letter or a digit and hold small letters, digits, - and _ only")
	}
	checkDuration(s.Timeout, field+".timeout", longestRun, add)
	if s.OnFailure != "" && s.OnFailure != StopOnFailure && s.OnFailure != ContinueOnFailure {
		add(field+".onFailure", "must be stop or continue")
	}
	if s.Retry != nil {
		if !s.Repeatable {
			add(field+".retry", "needs repeatable: true, which says that running the step twice does no harm")
		}
		if s.Retry.Attempts < 1 || s.Retry.Attempts > mostAttempts {
			add(field+".retry.attempts", fmt.Sprintf("must be 1 to %d", mostAttempts))
		}
		checkDuration(s.Retry.Backoff, field+".retry.backoff", time.Hour, add)
	}
	switch s.Kind() {
	case "shell":
		s.Shell.validate(r, field+".shell", add)
	case "http":
		s.HTTP.validate(r, field+".http", add)
	case "wait":
		if d := time.Duration(s.Wait.Duration); d <= 0 || d > longestRun {
			add(field+".wait.duration", fmt.Sprintf("must be positive and at most %s", longestRun))
		}
	case "verify":
		if len(s.Verify.Checks) == 0 {
			add(field+".verify.checks", "must name checks, or $situation")
		}
		checkDuration(s.Verify.Within, field+".verify.within", longestRun, add)
	case "approval":
		if s.Retry != nil {
			add(field+".retry", "an approval is not retried")
		}
	default:
		add(field, "must have exactly one of shell, http, wait, verify, approval")
	}
}

func (s *ShellStep) validate(r *Runbook, field string, add func(field, rule string)) {
	switch {
	case strings.TrimSpace(s.Script) == "" && len(s.Command) == 0:
		add(field+".script", "must not be empty, unless there is a command")
	case s.Script != "" && len(s.Command) > 0:
		add(field+".command", "must not stand beside a script")
	case len(s.Script) > longestScript:
		add(field+".script", fmt.Sprintf("must not be longer than %d bytes", longestScript))
	case strings.ContainsRune(s.Script, 0):
		add(field+".script", "must not hold a zero byte")
	}
	if strings.ContainsAny(s.Interpreter, "\x00\n") {
		add(field+".interpreter", "must be one line")
	}
	if len(s.Command) > 0 && (!strings.HasPrefix(s.Command[0], "/") && !strings.Contains(s.Command[0], `:\`) || strings.Contains(s.Command[0], "${")) {
		add(field+".command[0]", "must be the path of a program")
	}
	if !slices.Contains([]string{"", waitWhenAway, failWhenAway}, s.WhenAway) {
		add(field+".whenAway", "must be wait or fail")
	}
	if len(s.Command) > 0 && s.Interpreter != "" {
		add(field+".interpreter", "belongs to a script")
	}
	for i, argument := range s.Command {
		if strings.ContainsRune(argument, 0) {
			add(fmt.Sprintf("%s.command[%d]", field, i), "must not hold a zero byte")
		}
		checkTemplate(r, argument, fmt.Sprintf("%s.command[%d]", field, i), false, add)
	}
	if target, err := parseTarget(s.Agent); err != nil {
		add(field+".agent", err.Error())
	} else {
		target.validate(r, field+".agent", add)
	}
	for _, name := range slices.Sorted(maps.Keys(s.Env)) {
		switch value := s.Env[name]; {
		case !environment.MatchString(name):
			add(field+".env."+name, "is not a name of an environment variable")
		case strings.HasPrefix(name, "PARAM_") || strings.HasPrefix(name, "MAINSTAY_"):
			add(field+".env."+name, "is reserved: parameters are PARAM_*, the run's own values MAINSTAY_*")
		case strings.ContainsRune(value, 0):
			add(field+".env."+name, "must not hold a zero byte")
		}
	}
}

var methods = []string{http.MethodGet, http.MethodHead, http.MethodPost, http.MethodPut, http.MethodPatch, http.MethodDelete}

func (s *HTTPStep) validate(r *Runbook, field string, add func(field, rule string)) {
	if s.Method != "" && !slices.Contains(methods, s.Method) {
		add(field+".method", "must be one of "+strings.Join(methods, ", "))
	}
	u, err := url.Parse(placeholder.ReplaceAllString(s.URL, "x"))
	if err != nil || u.Host == "" || u.Scheme != "http" && u.Scheme != "https" {
		add(field+".url", "must be an http or https URL")
	} else if prefix, _, _ := strings.Cut(strings.TrimPrefix(s.URL, u.Scheme+"://"), "/"); strings.Contains(prefix, "${") {
		add(field+".url", "must not take its host from a parameter")
	}
	checkTemplate(r, s.URL, field+".url", false, add)
	for _, name := range slices.Sorted(maps.Keys(s.Headers)) {
		value := s.Headers[name]
		if name == "" || strings.ContainsAny(name, " \r\n:") || strings.ContainsAny(value, "\r\n\x00") {
			add(field+".headers", "must be one line each")
		}
		checkTemplate(r, value, field+".headers."+name, true, add)
	}
	if len(s.Body) > longestScript {
		add(field+".body", fmt.Sprintf("must not be longer than %d bytes", longestScript))
	}
	if len(s.Body) > 0 && s.Body[0] != '"' {
		checkTemplate(r, string(s.Body), field+".body", true, add)
	}
	for _, status := range s.Expect.Status {
		if status < 100 || status > 599 {
			add(field+".expect.status", "must be 100 to 599")
		}
	}
	if _, err := regexp.Compile(s.Expect.Body); err != nil {
		add(field+".expect.body", err.Error())
	}
}
