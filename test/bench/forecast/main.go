// Command forecast scores the forecasts by rolling origin, series by series: on
// the shapes that it makes and on the series of the Numenta Anomaly Benchmark
// where they are.
//
//	forecast [DIRECTORY]
package main

import (
	"fmt"
	"os"

	"mainstay/internal/monitor/anomaly/nab"
	"mainstay/internal/monitor/forecast/rolling"
)

const origins = 30

func main() {
	if err := run(); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func run() error {
	var made []rolling.Shape
	for seed := range uint64(3) {
		for _, s := range rolling.Shapes(seed) {
			s.Name = fmt.Sprintf("%s (%d)", s.Name, seed+1)
			made = append(made, s)
		}
	}
	if err := table("Shapes", made); err != nil {
		return err
	}
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
	var real []rolling.Shape
	for _, s := range all {
		real = append(real, rolling.Shape{Name: s.Name, Values: rolling.Hourly(s.Unix, s.Values)})
	}
	return table("Numenta Anomaly Benchmark, hourly", real)
}

func table(title string, shapes []rolling.Shape) error {
	fmt.Printf("%-55s %7s %10s %10s %6s %6s %8s\n", title, "origins", "error", "naive", "ratio", "MASE", "coverage")
	var scores []rolling.Score
	for _, shape := range shapes {
		s, err := rolling.Hours(shape.Values, origins)
		if err != nil {
			return fmt.Errorf("%s: %w", shape.Name, err)
		}
		fmt.Printf("%-55s %7d %10.4g %10.4g %6.2f %6.2f %7.1f%%\n", shape.Name, s.Origins, s.MAE, s.Naive, s.Ratio(), s.MASE, 100*s.Coverage())
		scores = append(scores, s)
	}
	t := rolling.Sum(scores)
	fmt.Printf("all: error %.2f of the naive one's, better in %d of %d, coverage %.1f%%\n\n", t.Ratio, t.Better, t.Series, 100*t.Coverage)
	return nil
}
