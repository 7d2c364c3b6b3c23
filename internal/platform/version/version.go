package version

import (
	"runtime/debug"
	"strconv"
	"strings"
)

// Version is set by the linker and never written afterwards.
var Version string

// String returns the version: what the linker set, else "0.0.0-dev+<commit>".
func String() string {
	if Version != "" {
		return strings.TrimPrefix(Version, "v")
	}
	info, ok := debug.ReadBuildInfo()
	if !ok {
		return "0.0.0-dev"
	}
	return "0.0.0-dev" + suffix(info.Settings)
}

// suffix is the short commit, and whether the tree had changes, as build metadata.
func suffix(settings []debug.BuildSetting) string {
	var commit, dirty string
	for _, s := range settings {
		switch {
		case s.Key == "vcs.revision" && len(s.Value) >= 12:
			commit = "+" + s.Value[:12]
		case s.Key == "vcs.modified" && s.Value == "true":
			dirty = ".dirty"
		}
	}
	if commit == "" {
		return ""
	}
	return commit + dirty
}

// Older says that version a precedes b (Semantic Versioning 2.0.0, 11).
// A version that cannot be read is never older: no hint is better than a wrong one.
func Older(a, b string) bool {
	x, xok := parse(a)
	y, yok := parse(b)
	if !xok || !yok {
		return false
	}
	for i := range x.numbers {
		if x.numbers[i] != y.numbers[i] {
			return x.numbers[i] < y.numbers[i]
		}
	}
	return olderPrerelease(x.pre, y.pre)
}

type parsed struct {
	numbers [3]uint64
	pre     []string
}

// parse reads MAJOR.MINOR.PATCH[-pre][+build]; build metadata has no precedence.
func parse(s string) (parsed, bool) {
	var p parsed
	s, _, _ = strings.Cut(strings.TrimPrefix(s, "v"), "+")
	s, pre, hasPre := strings.Cut(s, "-")
	if hasPre {
		p.pre = strings.Split(pre, ".")
	}
	parts := strings.Split(s, ".")
	if len(parts) != 3 {
		return p, false
	}
	for i, part := range parts {
		n, err := strconv.ParseUint(part, 10, 64)
		if err != nil {
			return p, false
		}
		p.numbers[i] = n
	}
	return p, true
}

// olderPrerelease orders the dot-separated identifiers of two pre-releases; a
// release follows its pre-releases.
func olderPrerelease(a, b []string) bool {
	if len(a) == 0 || len(b) == 0 {
		return len(a) > 0 && len(b) == 0
	}
	for i := range min(len(a), len(b)) {
		if a[i] == b[i] {
			continue
		}
		x, xerr := strconv.ParseUint(a[i], 10, 64)
		y, yerr := strconv.ParseUint(b[i], 10, 64)
		switch {
		case xerr == nil && yerr == nil:
			return x < y
		case xerr == nil || yerr == nil:
			return xerr == nil // numeric identifiers precede others
		default:
			return a[i] < b[i]
		}
	}
	return len(a) < len(b)
}
