package nab

import (
	"bufio"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"maps"
	"math"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"time"
)

// Series is one series of the benchmark.
type Series struct {
	Name    string // group/file.csv
	Unix    []int64
	Values  []float64
	Windows []Window
}

// Group is the directory a series is in.
func (s Series) Group() string {
	group, _, _ := strings.Cut(s.Name, "/")
	return group
}

// Environment names the variable that says where the benchmark's series are.
const Environment = "MAINSTAY_NAB"

// ErrAbsent says that the series are not on this machine; they are not part of Mainstay.
var ErrAbsent = errors.New("the series of the Numenta Anomaly Benchmark are not here")

// Directory finds the series: where the environment says, or in shared/data/nab
// beside the checkout that dir is in.
func Directory(dir string) (string, error) {
	if named := os.Getenv(Environment); named != "" {
		return named, nil
	}
	at, err := filepath.Abs(dir)
	if err != nil {
		return "", err
	}
	for {
		if _, err := os.Stat(filepath.Join(at, "go.mod")); err == nil {
			break
		}
		if at == filepath.Dir(at) {
			return "", fmt.Errorf("%w: %s is in no checkout; set %s", ErrAbsent, dir, Environment)
		}
		at = filepath.Dir(at)
	}
	found := filepath.Join(filepath.Dir(at), "shared", "data", "nab")
	if _, err := os.Stat(filepath.Join(found, "windows.json")); errors.Is(err, fs.ErrNotExist) {
		return "", fmt.Errorf("%w: looked in %s; set %s to where they are", ErrAbsent, found, Environment)
	}
	return found, nil
}

// Read reads every series that windows.json names, by name.
func Read(dir string) ([]Series, error) {
	raw, err := os.ReadFile(filepath.Join(dir, "windows.json"))
	if err != nil {
		return nil, err
	}
	var labels map[string][][2]string
	if err := json.Unmarshal(raw, &labels); err != nil {
		return nil, fmt.Errorf("windows.json: %w", err)
	}
	var out []Series
	for _, name := range slices.Sorted(maps.Keys(labels)) {
		file, err := os.Open(filepath.Join(dir, filepath.FromSlash(name)))
		if err != nil {
			return nil, err
		}
		s := Series{Name: name}
		s.Unix, s.Values, err = parse(file)
		file.Close()
		if err != nil {
			return nil, fmt.Errorf("%s: %w", name, err)
		}
		if s.Windows, err = rows(s.Unix, labels[name]); err != nil {
			return nil, fmt.Errorf("%s: %w", name, err)
		}
		out = append(out, s)
	}
	return out, nil
}

const layout = "2006-01-02 15:04:05"

func parse(r io.Reader) (unix []int64, values []float64, err error) {
	lines := bufio.NewScanner(r)
	for n := 1; lines.Scan(); n++ {
		if n == 1 {
			continue // the heading
		}
		at, value, ok := strings.Cut(lines.Text(), ",")
		if !ok {
			return nil, nil, fmt.Errorf("line %d: want a time and a value", n)
		}
		t, err := time.Parse(layout, at)
		if err != nil {
			return nil, nil, fmt.Errorf("line %d: %w", n, err)
		}
		v, err := strconv.ParseFloat(value, 64)
		if err != nil || math.IsNaN(v) || math.IsInf(v, 0) {
			return nil, nil, fmt.Errorf("line %d: %q is no value", n, value)
		}
		unix, values = append(unix, t.Unix()), append(values, v)
	}
	return unix, values, lines.Err()
}

// rows turns windows of times into windows of rows.
func rows(unix []int64, labels [][2]string) ([]Window, error) {
	var out []Window
	for _, l := range labels {
		from, err := time.Parse(layout+".000000", l[0])
		if err != nil {
			return nil, err
		}
		to, err := time.Parse(layout+".000000", l[1])
		if err != nil {
			return nil, err
		}
		w := Window{Left: len(unix), Right: -1}
		for i, t := range unix {
			if t >= from.Unix() && i < w.Left {
				w.Left = i
			}
			if t <= to.Unix() {
				w.Right = i
			}
		}
		if w.Right < w.Left {
			return nil, fmt.Errorf("the window from %s to %s has no rows", l[0], l[1])
		}
		out = append(out, w)
	}
	return out, nil
}
