package petshop

import (
	"encoding/csv"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"math"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"time"

	"mainstay/internal/events/rootcause"
)

// Environment names the variable that says where the data set is.
const Environment = "MAINSTAY_PETSHOP"

// ErrAbsent says that the data set is not on this machine; it is not part of Mainstay.
var ErrAbsent = errors.New("the PetShop data set is not here")

// Directory finds the data set: where the environment says, or in
// shared/data/petshop beside the checkout that dir is in, or one above.
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
	beside, above := filepath.Dir(at), filepath.Dir(filepath.Dir(at))
	for _, parent := range []string{beside, above} {
		found := filepath.Join(parent, "shared", "data", "petshop")
		if _, err := os.Stat(found); err == nil {
			return found, nil
		}
	}
	return "", fmt.Errorf("%w: looked for shared/data/petshop in %s and %s; set %s to where it is", ErrAbsent, beside, above, Environment)
}

// Case is one fault of the data set.
type Case struct {
	Scenario string
	Issue    string
	Fault    string // what was done: the name of the parameter that was set
	Cause    string
	Input    rootcause.Input
}

type target struct {
	Target struct {
		Node      string  `json:"node"`
		Metric    string  `json:"metric"`
		Timestamp float64 `json:"timestamp"`
	} `json:"target"`
	RootCause struct {
		Node string `json:"node"`
	} `json:"root_cause"`
	Metadata struct {
		Reproducibility struct {
			Command string `json:"command"`
		} `json:"reproducibility"`
	} `json:"metadata"`
}

// Read reads every case under dir, whatever the parts are called.
func Read(dir string) ([]Case, error) {
	var out []Case
	scenarios, err := filepath.Glob(filepath.Join(dir, "*", "graph.csv"))
	if err != nil {
		return nil, err
	}
	for _, graph := range scenarios {
		base := filepath.Dir(graph)
		needs, err := readGraph(graph)
		if err != nil {
			return nil, err
		}
		normal, err := readMetrics(filepath.Join(base, "noissue", "metrics.csv"))
		if err != nil {
			return nil, err
		}
		issues, err := filepath.Glob(filepath.Join(base, "*", "*", "target.json"))
		if err != nil {
			return nil, err
		}
		for _, issue := range issues {
			c, err := readCase(filepath.Dir(issue), needs, normal)
			if err != nil {
				return nil, fmt.Errorf("%s: %w", issue, err)
			}
			c.Scenario = filepath.Base(base)
			out = append(out, c)
		}
	}
	if len(out) == 0 {
		return nil, fmt.Errorf("%w: no case in %s: %w", ErrAbsent, dir, fs.ErrNotExist)
	}
	return out, nil
}

func readCase(dir string, needs map[string][]string, normal table) (Case, error) {
	raw, err := os.ReadFile(filepath.Join(dir, "target.json"))
	if err != nil {
		return Case{}, err
	}
	var t target
	if err := json.Unmarshal(raw, &t); err != nil {
		return Case{}, err
	}
	now, err := readMetrics(filepath.Join(dir, "metrics.csv"))
	if err != nil {
		return Case{}, err
	}
	c := Case{Issue: filepath.Base(dir), Cause: t.RootCause.Node, Fault: t.Target.Metric}
	if _, after, found := strings.Cut(t.Metadata.Reproducibility.Command, "--name '"); found {
		c.Fault, _, _ = strings.Cut(after, "'")
	}
	symptom := rootcause.Latency
	if t.Target.Metric == "availability" {
		symptom = rootcause.Errors
	}
	c.Input = input(needs, normal.columns, now, t.Target.Node, symptom, t.Target.Timestamp)
	return c, nil
}

// column names one series of a table.
type column struct{ node, metric, statistic string }

// table is a file of metrics.
type table struct {
	unix    []float64
	columns map[column][]float64
}

// step is the seconds that one row stands for.
const step = 300

// input makes of two tables what a ranking needs.
func input(needs map[string][]string, normal map[column][]float64, now table, victim string, symptom rootcause.Kind, onset float64) rootcause.Input {
	in := rootcause.Input{Needs: needs, Victim: victim, Symptom: symptom, Onset: time.Unix(int64(onset), 0).UTC()}
	signals := map[string][]rootcause.Signal{}
	for _, key := range sortedColumns(normal, now.columns) {
		s, wanted := signalOf(key)
		if !wanted {
			continue
		}
		s.Normal = worse(s.Kind, normal[key])
		for i, v := range worse(s.Kind, now.columns[key]) {
			if now.unix[i]+step <= onset {
				s.Before = append(s.Before, v)
			} else {
				s.During = append(s.During, v)
			}
		}
		signals[key.node] = append(signals[key.node], s)
	}
	names := map[string]bool{victim: true}
	for from, all := range needs {
		names[from] = true
		for _, to := range all {
			names[to] = true
		}
	}
	for name := range signals {
		names[name] = true
	}
	for name := range names {
		in.Nodes = append(in.Nodes, rootcause.Node{ID: name, Signals: signals[name], Address: strings.HasSuffix(name, "_remote")})
	}
	slices.SortFunc(in.Nodes, func(a, b rootcause.Node) int { return strings.Compare(a.ID, b.ID) })
	return in
}

// signalOf says which columns are used: means, which add up along calls.
func signalOf(key column) (rootcause.Signal, bool) {
	switch {
	case key.metric == "latency" && key.statistic == "Average":
		return rootcause.Signal{Kind: rootcause.Latency, Name: "latency", Unit: "s"}, true
	case key.metric == "availability" && key.statistic == "Average":
		return rootcause.Signal{Kind: rootcause.Errors, Name: "share of failures", Unit: "%"}, true
	case key.metric == "requests" && key.statistic == "Sum":
		return rootcause.Signal{Kind: rootcause.Traffic, Name: "requests", Unit: "requests"}, true
	}
	return rootcause.Signal{}, false
}

// worse turns availability into the share of failures.
func worse(kind rootcause.Kind, values []float64) []float64 {
	if kind != rootcause.Errors {
		return values
	}
	out := make([]float64, len(values))
	for i, v := range values {
		out[i] = 100 - v
	}
	return out
}

func sortedColumns(tables ...map[column][]float64) []column {
	seen := map[column]bool{}
	var all []column
	for _, t := range tables {
		for key := range t {
			if !seen[key] {
				seen[key] = true
				all = append(all, key)
			}
		}
	}
	slices.SortFunc(all, func(a, b column) int {
		return strings.Compare(a.node+"\x00"+a.metric+"\x00"+a.statistic, b.node+"\x00"+b.metric+"\x00"+b.statistic)
	})
	return all
}

func readRows(path string) ([][]string, error) {
	file, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer file.Close()
	rows, err := csv.NewReader(file).ReadAll()
	if err != nil {
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	return rows, nil
}

func readGraph(path string) (map[string][]string, error) {
	rows, err := readRows(path)
	if err != nil {
		return nil, err
	}
	needs := map[string][]string{}
	for _, row := range rows[1:] {
		for i, cell := range row[1:] {
			if v, err := strconv.ParseFloat(cell, 64); err == nil && v != 0 {
				needs[row[0]] = append(needs[row[0]], rows[0][i+1])
			}
		}
	}
	return needs, nil
}

func readMetrics(path string) (table, error) {
	rows, err := readRows(path)
	if err != nil {
		return table{}, err
	}
	if len(rows) < 5 {
		return table{}, fmt.Errorf("%s: no rows", path)
	}
	t := table{columns: map[column][]float64{}}
	for _, row := range rows[4:] {
		unix, err := strconv.ParseFloat(row[0], 64)
		if err != nil {
			return t, fmt.Errorf("%s: %w", path, err)
		}
		t.unix = append(t.unix, unix)
		for i := 1; i < len(row); i++ {
			v, err := strconv.ParseFloat(row[i], 64)
			if err != nil {
				v = math.NaN()
			}
			key := column{rows[0][i], rows[1][i], rows[2][i]}
			t.columns[key] = append(t.columns[key], v)
		}
	}
	return t, nil
}
