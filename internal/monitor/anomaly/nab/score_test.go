package nab

import (
	"errors"
	"math"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

func near(t *testing.T, what string, got, want float64) {
	t.Helper()
	if math.Abs(got-want) > 1e-9 {
		t.Errorf("%s: got %.10f, want %.10f", what, got, want)
	}
}

func TestSigmoid(t *testing.T) {
	t.Parallel()
	for x, want := range map[float64]float64{-1: 0.9866142981514305, 0: 0, 1: -0.9866142981514305, 3: -0.9999993881955461, 3.01: -1, 50: -1} {
		near(t, "sigmoid", sigmoid(x), want)
	}
}

func TestProbation(t *testing.T) {
	t.Parallel()
	for rows, want := range map[int]int{0: 0, 100: 15, 1127: 169, 4032: 604, 5000: 750, 15902: 750} {
		if got := Probation(rows); got != want {
			t.Errorf("of %d rows %d, want %d", rows, got, want)
		}
	}
}

// series of 200 rows: probation is 30; windows of 11 rows at 100 and at 150.
var windows = []Window{{100, 110}, {150, 160}}

func TestAt(t *testing.T) {
	t.Parallel()
	after := func(row, right int) float64 { return 0.11 * (2/(1+math.Exp(5*float64(row-right)/10)) - 1) }
	hit := func(left int) float64 {
		return (2/(1+math.Exp(-5*float64(left)/11)) - 1) / (2/(1+math.Exp(-5)) - 1)
	}
	for name, c := range map[string]struct {
		rows []int
		want float64
		hits int
		bad  int
	}{
		"nothing":                              {nil, -2, 0, 0},
		"both at their first row":              {[]int{100, 150}, 2, 2, 0},
		"the earliest counts":                  {[]int{105, 100, 108, 150}, 2, 2, 0},
		"the middle of one":                    {[]int{105}, hit(6) - 1, 1, 0},
		"the last row is worth little":         {[]int{110, 150}, hit(1) + 1, 2, 0},
		"probation is not scored":              {[]int{0, 29, 100, 150}, 2, 2, 0},
		"before the first window":              {[]int{30, 100, 150}, 2 - 0.11, 2, 1},
		"soon after a window costs less":       {[]int{100, 111, 150}, 2 + after(111, 110), 2, 1},
		"each false detection costs":           {[]int{100, 130, 131, 150}, 2 + after(130, 110) + after(131, 110), 2, 2},
		"far after the last window costs most": {[]int{100, 150, 199}, 2 - 0.11, 2, 1},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := Scored{Windows: windows, Scores: make([]float64, 200)}
			for _, row := range c.rows {
				s.Scores[row] = 0.7
			}
			r := s.At(0.7)
			near(t, "sum", r.Sum, c.want)
			if r.Hits != c.hits || r.False != c.bad {
				t.Errorf("hits %d, false %d, want %d, %d", r.Hits, r.False, c.hits, c.bad)
			}
			if r := s.At(0.71); r.Sum != -2 {
				t.Errorf("above every score: %v", r)
			}
		})
	}
}

func TestNormalised(t *testing.T) {
	t.Parallel()
	near(t, "nothing", Normalised(-5, 5), 0)
	near(t, "all", Normalised(5, 5), 100)
	near(t, "no windows", Normalised(-1, 0), 0)
}

// The best threshold is what trying every threshold finds.
func TestBestIsTheBestOfAllThresholds(t *testing.T) {
	t.Parallel()
	seed := uint64(7)
	random := func() float64 {
		seed = seed*6364136223846793005 + 1442695040888963407
		return float64(seed>>40) / (1 << 24)
	}
	for range 20 {
		var all []Scored
		for range 3 {
			s := Scored{Windows: windows, Scores: make([]float64, 200)}
			for range 25 {
				s.Scores[int(random()*200)] = math.Round(random()*20) / 20
			}
			all = append(all, s)
		}
		_, score := Best(all)
		want := -math.MaxFloat64
		for step := 1; step <= 21; step++ {
			var sum float64
			for _, s := range all {
				sum += s.At(float64(step) / 20).Sum
			}
			want = max(want, Normalised(sum, 6))
		}
		near(t, "best", score, want)
	}
}

func TestReadFindsRowsOfWindows(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	write := func(name, text string) {
		t.Helper()
		if err := os.MkdirAll(filepath.Dir(filepath.Join(dir, name)), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	write("windows.json", `{"g/a.csv": [["2014-01-01 00:05:00.000000", "2014-01-01 00:12:00.000000"]], "g/b.csv": []}`)
	write("g/a.csv", "timestamp,value\n2014-01-01 00:00:00,1\n2014-01-01 00:05:00,2.5\n2014-01-01 00:10:00,3\n2014-01-01 00:15:00,4\n")
	write("g/b.csv", "timestamp,value\n2014-01-01 00:00:00,1\n")
	all, err := Read(dir)
	if err != nil {
		t.Fatal(err)
	}
	if len(all) != 2 || all[0].Group() != "g" || len(all[0].Windows) != 1 || all[0].Windows[0] != (Window{1, 2}) || all[0].Values[1] != 2.5 {
		t.Fatalf("%+v", all)
	}
	write("g/b.csv", "timestamp,value\n2014-01-01 00:00:00,one\n")
	if _, err := Read(dir); err == nil || !strings.Contains(err.Error(), "g/b.csv: line 2") {
		t.Fatalf("a value that is none: %v", err)
	}
}

func TestOutOfFoldTakesThresholdsOfOthers(t *testing.T) {
	t.Parallel()
	good, low := make([]float64, 200), make([]float64, 200)
	good[100], good[150] = 0.9, 0.9
	low[100], low[150], low[50] = 0.5, 0.5, 0.5
	all := []Scored{{"a/1", windows, good}, {"b/1", windows, low}}
	folds, score := OutOfFold(all)
	if folds[0].Threshold != 0.5 || folds[1].Threshold != 0.9 {
		t.Fatalf("%+v", folds)
	}
	near(t, "score", score, Normalised(2-2, 4))
}

func TestAbsentSaysWhereItLooked(t *testing.T) {
	dir := t.TempDir()
	t.Setenv(Environment, "")
	if err := os.Mkdir(filepath.Join(dir, "checkout"), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(dir, "checkout", "go.mod"), nil, 0o644); err != nil {
		t.Fatal(err)
	}
	_, err := Directory(filepath.Join(dir, "checkout"))
	if !errors.Is(err, ErrAbsent) || !strings.Contains(err.Error(), filepath.Join(dir, "shared", "data", "nab")) || !strings.Contains(err.Error(), Environment) {
		t.Fatalf("%v", err)
	}
	t.Setenv(Environment, "/elsewhere")
	if got, err := Directory("."); got != "/elsewhere" || err != nil {
		t.Fatalf("%q, %v", got, err)
	}
}

func FuzzParse(f *testing.F) {
	f.Add("timestamp,value\n2014-01-01 00:00:00,1\n")
	f.Add("timestamp,value\n,\n")
	f.Fuzz(func(t *testing.T, text string) {
		unix, values, err := parse(strings.NewReader(text))
		if err == nil && len(unix) != len(values) {
			t.Fatalf("%d times, %d values", len(unix), len(values))
		}
	})
}
