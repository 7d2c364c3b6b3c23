package probe_test

import (
	"math"
	"strconv"
	"testing"

	"mainstay/internal/platform/probe"
)

func format(v float64) string { return strconv.FormatFloat(v, 'g', 6, 64) }

func FuzzParsePerfdata(f *testing.F) {
	for _, seed := range []string{"time=0.002s;5;10;0;60", "'a b'=1%;2 c=U", "x=1e", "'''", "=", "a=1;;;;;", "a='", "\x00=\xff", "v=1e400", "'a'=1'b'=2"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, text string) {
		metrics, _ := probe.ParsePerfdata(text)
		for _, m := range metrics {
			if m.Name == "" || math.IsNaN(m.Value) || math.IsInf(m.Value, 0) {
				t.Fatalf("%q gave %+v", text, m)
			}
		}
	})
}
