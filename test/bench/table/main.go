// Command table turns the output of go test -bench into the table of
// docs/performance.md. Which figures are shown, with what name and aim, is in
// aims.txt beside it.
//
//	table [-write] OUTPUT
package main

import (
	"bufio"
	_ "embed"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"runtime"
	"strconv"
	"strings"
)

//go:embed aims.txt
var aims string

// aim is one line of the table: benchmark | unit | what | aim.
type aim struct {
	benchmark *regexp.Regexp
	unit      string
	what      string
	aim       string
}

type figure struct {
	benchmark string
	unit      string
	value     float64
}

func main() {
	write := len(os.Args) > 2 && os.Args[1] == "-write"
	figures, err := read(os.Args[len(os.Args)-1])
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	text := table(figures)
	fmt.Print(text)
	if !write {
		return
	}
	if err := put(filepath.Join("docs", "performance.md"), text); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

var line = regexp.MustCompile(`^Benchmark(\S+?)(?:-\d+)?\s+\d+\s+(.*)$`)

// read takes every "value unit" pair of every benchmark line.
func read(path string) ([]figure, error) {
	file, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer file.Close()
	var out []figure
	lines := bufio.NewScanner(file)
	for lines.Scan() {
		m := line.FindStringSubmatch(lines.Text())
		if m == nil {
			continue
		}
		fields := strings.Fields(m[2])
		for i := 0; i+1 < len(fields); i += 2 {
			if v, err := strconv.ParseFloat(fields[i], 64); err == nil {
				out = append(out, figure{m[1], fields[i+1], v})
			}
		}
	}
	return out, lines.Err()
}

func parseAims() []aim {
	var out []aim
	for line := range strings.Lines(aims) {
		line = strings.TrimSpace(line)
		parts := strings.Split(line, "|")
		if line == "" || strings.HasPrefix(line, "#") || len(parts) != 4 {
			continue
		}
		for i := range parts {
			parts[i] = strings.TrimSpace(parts[i])
		}
		out = append(out, aim{regexp.MustCompile("^" + parts[0] + "$"), parts[1], parts[2], parts[3]})
	}
	return out
}

func table(figures []figure) string {
	var b strings.Builder
	commit, _ := exec.Command("git", "rev-parse", "--short", "HEAD").Output()
	fmt.Fprintf(&b, "Measured at %s with %s on %d cores (%s/%s).\n\n", strings.TrimSpace(string(commit)), runtime.Version(), runtime.NumCPU(), runtime.GOOS, runtime.GOARCH)
	b.WriteString("| What | Measured | Aim |\n|---|---:|---|\n")
	for _, a := range parseAims() {
		shown := false
		for _, f := range figures {
			m := a.benchmark.FindStringSubmatch(f.benchmark)
			if m == nil || f.unit != a.unit {
				continue
			}
			what := a.what
			if len(m) > 1 {
				what += " (" + strings.Join(m[1:], ", ") + ")"
			}
			fmt.Fprintf(&b, "| %s | %s %s | %s |\n", what, number(f.value), a.unit, a.aim)
			shown = true
		}
		if !shown {
			fmt.Fprintf(&b, "| %s | not measured | %s |\n", a.what, a.aim)
		}
	}
	return b.String()
}

func number(v float64) string {
	switch {
	case v >= 1000:
		digits := strconv.FormatFloat(v, 'f', 0, 64)
		for i := len(digits) - 3; i > 0; i -= 3 {
			digits = digits[:i] + "," + digits[i:]
		}
		return digits
	case v >= 10:
		return strconv.FormatFloat(v, 'f', 1, 64)
	}
	return strconv.FormatFloat(v, 'g', 3, 64)
}

const begin, end = "<!-- table -->\n", "<!-- end of table -->"

// put replaces what stands between the marks of the document.
func put(path, table string) error {
	text, err := os.ReadFile(path)
	if err != nil {
		return err
	}
	head, rest, ok := strings.Cut(string(text), begin)
	_, tail, ok2 := strings.Cut(rest, end)
	if !ok || !ok2 {
		return fmt.Errorf("%s lacks the marks of the table", path)
	}
	return os.WriteFile(path, []byte(head+begin+table+end+tail), 0o644)
}
