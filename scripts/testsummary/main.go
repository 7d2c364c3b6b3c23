// Command testsummary reads the output of go test -json and prints what a
// person wants to know: failures with their output, slow packages, and counts.
package main

import (
	"bufio"
	"cmp"
	"encoding/json"
	"fmt"
	"maps"
	"os"
	"slices"
	"strings"
)

type event struct {
	Action  string
	Package string
	Test    string
	Output  string
	Elapsed float64
}

func main() {
	file, err := os.Open(os.Args[1])
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(2)
	}
	defer file.Close()
	output := map[string]*strings.Builder{}
	took := map[string]float64{}
	passed, failed, skipped := 0, 0, 0
	var bad []string
	running := map[string]bool{} // began and did not end: a test that hung, or was cut off
	lines := bufio.NewScanner(file)
	lines.Buffer(nil, 16<<20)
	for lines.Scan() {
		var e event
		if json.Unmarshal(lines.Bytes(), &e) != nil {
			fmt.Println(lines.Text()) // a build failure
			continue
		}
		key := e.Package + " " + e.Test
		switch e.Action {
		case "run":
			running[key] = true
		case "output", "build-output":
			if output[key] == nil {
				output[key] = &strings.Builder{}
			}
			output[key].WriteString(e.Output)
		case "pass", "fail", "skip":
			delete(running, key)
			if e.Test == "" {
				took[e.Package] = e.Elapsed
				if e.Action == "fail" {
					bad = append(bad, key)
				}
				continue
			}
			switch e.Action {
			case "pass":
				passed++
			case "skip":
				skipped++
				fmt.Printf("skipped: %s\n", key)
			case "fail":
				failed++
				bad = append(bad, key)
			}
			if e.Action != "fail" {
				delete(output, key)
			}
		case "build-fail":
			bad = append(bad, key)
		}
	}
	bad = append(bad, slices.Sorted(maps.Keys(running))...)
	for _, key := range bad {
		if running[key] {
			fmt.Print("did not end: ")
		}
		fmt.Printf("--- %s\n", key)
		if output[key] != nil {
			fmt.Print(shortened(output[key].String()))
		}
	}
	slow := slices.SortedFunc(maps.Keys(took), func(a, b string) int { return cmp.Compare(took[b], took[a]) })
	for _, p := range slow[:min(8, len(slow))] {
		fmt.Printf("%7.1fs %s\n", took[p], p)
	}
	fmt.Printf("%d passed, %d failed, %d skipped\n", passed, failed, skipped)
	if len(bad) > 0 || passed == 0 {
		os.Exit(1)
	}
}

// shortened is a text without its middle when it is very long: a test that
// hung brings the stacks of all goroutines along, of which the first say why.
func shortened(text string) string {
	const most, tail = 400, 20
	lines := strings.SplitAfter(text, "\n")
	if len(lines) <= most {
		return text
	}
	return strings.Join(lines[:most-tail], "") + fmt.Sprintf("[%d lines left out]\n", len(lines)-most) + strings.Join(lines[len(lines)-tail:], "")
}
