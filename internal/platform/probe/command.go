package probe

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"time"
)

// Command runs a program with the contract of the Monitoring Plugins: its exit
// code is the state, its first line the output, and figures follow a "|".
type Command struct {
	Path string            `json:"path" doc:"absolute path of the program"`
	Args []string          `json:"args,omitempty" doc:"passed as they are, without a shell"`
	Env  map[string]string `json:"env,omitempty" doc:"added to a minimal environment"`
}

// grace is how long a program that was told to end may still hold its output.
const grace = 500 * time.Millisecond

func (c *Command) validate(f *fields) {
	f.check(filepath.IsAbs(c.Path), "path", "must be an absolute path")
	f.check(!strings.ContainsRune(c.Path, 0), "path", "must not contain a zero byte")
	for i, a := range c.Args {
		f.check(!strings.ContainsRune(a, 0), fmt.Sprintf("args[%d]", i), "must not contain a zero byte")
	}
	for k, v := range c.Env {
		f.check(k != "" && !strings.ContainsAny(k, "=\x00") && !strings.ContainsRune(v, 0), "env."+k, "is not a valid variable")
	}
}

func (spec *Command) probe(ctx context.Context, _ Runner, res *Result) {
	cmd := exec.CommandContext(ctx, spec.Path, spec.Args...)
	cmd.Env = []string{"PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin", "LC_ALL=C.UTF-8"}
	for k, v := range spec.Env {
		cmd.Env = append(cmd.Env, k+"="+v)
	}
	cmd.Dir = os.TempDir()
	var out, stderr bounded
	cmd.Stdout, cmd.Stderr = &out, &stderr
	cmd.WaitDelay = grace
	killGroup(cmd)
	err := cmd.Run()
	if ctx.Err() != nil {
		res.Set(Unknown, "the program was stopped: %s", Why(ctx.Err()))
		return
	}
	var exit *exec.ExitError
	code := 0
	switch {
	case errors.As(err, &exit):
		code = exit.ExitCode()
	case err != nil && !errors.Is(err, exec.ErrWaitDelay):
		res.Set(Unknown, "the program cannot run: %s", Why(err))
		return
	}
	*res = pluginResult(out.String(), stderr.String(), code, *res)
}

// pluginResult reads exit code and output (Monitoring Plugins Development
// Guidelines, "Plugin Output for Nagios" and "Plugin Return Codes").
func pluginResult(stdout, stderr string, code int, res Result) Result {
	text, detail, perf := splitOutput(stdout)
	res.Output, res.Detail = text, detail
	res.Metrics, _ = ParsePerfdata(perf)
	if text == "" {
		res.Output = strings.TrimSpace(stderr)
		if res.Output == "" {
			res.Output = fmt.Sprintf("no output, exit code %d", code)
		}
	}
	res.State = Unknown
	if code >= 0 && code <= int(Unknown) {
		res.State = State(code)
	} else {
		res.Output += fmt.Sprintf(" (exit code %d)", code)
	}
	return res
}

// splitOutput takes apart "text|perf", further lines of text, and a second
// "|" after which only figures follow.
func splitOutput(out string) (text, detail, perf string) {
	first, rest, _ := strings.Cut(out, "\n")
	text, perf, _ = strings.Cut(first, "|")
	detail, more, _ := strings.Cut(rest, "|")
	perf = strings.TrimSpace(perf + " " + strings.ReplaceAll(more, "\n", " "))
	return strings.TrimSpace(text), strings.TrimSpace(detail), perf
}

// maxCapture bounds what is kept of a program's output.
const maxCapture = 64 << 10

// bounded keeps the first maxCapture bytes and swallows the rest, so that a
// talkative program is neither blocked nor kept in memory.
type bounded struct{ bytes.Buffer }

func (b *bounded) Write(p []byte) (int, error) {
	if room := maxCapture - b.Len(); room > 0 {
		b.Buffer.Write(p[:min(room, len(p))])
	}
	return len(p), nil
}
