// Command nab scores the anomaly detector on the series of the Numenta Anomaly
// Benchmark, with the one configuration it has, series by series.
//
//	nab [DIRECTORY]
package main

import (
	"fmt"
	"os"

	"mainstay/internal/monitor/anomaly"
	"mainstay/internal/monitor/anomaly/nab"
)

func main() {
	if err := run(); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func run() error {
	dir, err := nab.Directory(".")
	if len(os.Args) > 1 {
		dir, err = os.Args[1], nil
	}
	if err != nil {
		return err
	}
	all, err := nab.Read(dir)
	if err != nil {
		return err
	}
	var scored []nab.Scored
	for _, s := range all {
		var d anomaly.Detector
		scores := make([]float64, len(s.Values))
		for i, v := range s.Values {
			scores[i] = d.Point(s.Unix[i], v).Score
		}
		scored = append(scored, nab.Scored{Name: s.Name, Windows: s.Windows, Scores: scores})
	}
	threshold, score := nab.Best(scored)
	fmt.Printf("%-55s %7s %7s %6s %6s\n", "series", "windows", "found", "false", "sum")
	for _, s := range scored {
		r := s.At(threshold)
		fmt.Printf("%-55s %7d %7d %6d %6.2f\n", s.Name, r.Windows, r.Hits, r.False, r.Sum)
	}
	folds, outOfFold := nab.OutOfFold(scored)
	fmt.Printf("\n%-24s %9s %7s %7s %6s %6s %6s\n", "group left out", "threshold", "windows", "found", "false", "sum", "score")
	for _, f := range folds {
		fmt.Printf("%-24s %9.3f %7d %7d %6d %6.2f %6.1f\n", f.Group, f.Threshold, f.Result.Windows, f.Result.Hits, f.Result.False, f.Result.Sum,
			nab.Normalised(f.Result.Sum, f.Result.Windows))
	}
	var sum float64
	windows := 0
	for _, s := range scored {
		r := s.At(anomaly.Threshold)
		sum, windows = sum+r.Sum, windows+r.Windows
	}
	fmt.Printf("\nscore %.1f at the best threshold (%.3f); %.1f out of fold; %.1f at the threshold of the product (%.1f); %d series, %d windows\n",
		score, threshold, outOfFold, nab.Normalised(sum, windows), anomaly.Threshold, len(scored), windows)
	return nil
}
