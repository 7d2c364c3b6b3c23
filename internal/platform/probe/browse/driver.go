package browse

import (
	"context"
	"errors"
	"fmt"
	"os/exec"
	"regexp"
	"strings"
	"time"

	"mainstay/internal/platform/probe"
)

// Driver runs browser probes; it is safe for concurrent use.
type Driver struct {
	slots chan struct{}
	path  string
}

// New makes a driver that runs so many browsers at once. Without a path the browser
// is looked for at every run.
func New(atOnce int, path string) *Driver {
	return &Driver{slots: make(chan struct{}, max(1, atOnce)), path: path}
}

// Run runs the browser probe of spec.
func (d *Driver) Run(ctx context.Context, r probe.Runner, spec probe.Spec, res *probe.Result) {
	path, err := d.find()
	if err != nil {
		res.Set(probe.Unknown, "%s", err)
		return
	}
	select {
	case d.slots <- struct{}{}:
		defer func() { <-d.slots }()
	case <-ctx.Done():
		res.Set(probe.Unknown, "all %d browsers of this host were busy until the timeout", cap(d.slots))
		return
	}
	b, err := launch(ctx, path, r, spec.Browser)
	if err != nil {
		res.Set(probe.Unknown, "the browser does not start: %s", probe.Why(err))
		return
	}
	defer b.close()
	visit(ctx, b, spec.Browser, res)
}

func (d *Driver) find() (string, error) {
	if d.path != "" {
		return d.path, nil
	}
	for _, name := range []string{"chromium-headless-shell", "chrome-headless-shell", "chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "chrome"} {
		if path, err := exec.LookPath(name); err == nil {
			return path, nil
		}
	}
	return "", errors.New("no Chromium is installed where this check runs")
}

// visit takes the steps and measures each.
func visit(ctx context.Context, b *browser, spec *probe.Browser, res *probe.Result) {
	start := time.Now()
	var lines []string
	for i := range spec.Steps {
		s := &spec.Steps[i]
		began := time.Now()
		err := step(ctx, b, spec, s)
		took := time.Since(began)
		if err != nil {
			where := fmt.Sprintf("step %d, %s", i+1, s.Name)
			refused := b.proxy.refusal()
			switch {
			case refused != nil && s.Open != "":
				res.Failed(where, refused)
			case errors.Is(err, errGone):
				res.Set(probe.Unknown, "%s: %s", where, err)
			default:
				res.Failed(where, err)
			}
			lines = append(lines, s.Name+": "+probe.Why(err))
			if refused != nil {
				lines = append(lines, "the page asked for an address that may not be reached: "+refused.Error())
			}
			lines = append(lines, b.describe(context.WithoutCancel(ctx)))
			res.Detail = strings.Join(lines, "\n")
			if !spec.NoPicture {
				res.Screenshot = b.picture(context.WithoutCancel(ctx), spec)
			}
			return
		}
		res.Measure("time "+s.Name, "seconds", took.Seconds())
		lines = append(lines, fmt.Sprintf("%s: %v", s.Name, took.Round(time.Millisecond)))
	}
	took := time.Since(start)
	res.Measure("time", "seconds", took.Seconds())
	res.Measure("script_errors", "", float64(b.scriptErrors.Load()))
	res.Set(probe.OK, "%d steps in %v", len(spec.Steps), took.Round(time.Millisecond))
	res.Detail = strings.Join(lines, "\n")
	spec.Latency.Judge(res, "the visit", took)
}

func step(ctx context.Context, b *browser, spec *probe.Browser, s *probe.BrowserStep) error {
	if s.Within > 0 {
		var cancel context.CancelFunc
		ctx, cancel = context.WithTimeout(ctx, s.Within.Std())
		defer cancel()
	}
	switch {
	case s.Open != "":
		return b.open(ctx, spec.Expand(s.Open))
	case s.Click != nil:
		return b.click(ctx, s.Click)
	case s.Fill != nil:
		return b.fill(ctx, s.Fill, spec.Expand(s.Value))
	case s.Press != "":
		return b.press(ctx, s.Press)
	case s.See != nil:
		return until(ctx, s.See.String()+" was not to be seen", func() (bool, error) {
			object, err := b.find(ctx, s.See)
			return object != "", err
		})
	case s.Gone != nil:
		return until(ctx, s.Gone.String()+" was still to be seen", func() (bool, error) {
			object, err := b.find(ctx, s.Gone)
			return object == "", err
		})
	case s.Title != "":
		return b.matches(ctx, "the title", "document.title", s.Title)
	}
	return b.matches(ctx, "the address", "location.href", s.URL)
}

// matches waits until an expression of the page matches.
func (b *browser) matches(ctx context.Context, what, expression, expr string) error {
	re, last := regexp.MustCompile(expr), ""
	err := until(ctx, what+" does not match "+expr, func() (bool, error) {
		text, err := b.text(ctx, expression)
		last = text
		return err == nil && re.MatchString(text), err
	})
	if last, _, _ = strings.Cut(last, "?"); err != nil && last != "" { // what a form sends is not shown
		return fmt.Errorf("%w: it is %q", err, last)
	}
	return err
}

// lookEvery is the pause between two looks at a page.
const lookEvery = 50 * time.Millisecond

// until looks again and again: a page that changes may answer with an error, which
// counts only when time is up.
func until(ctx context.Context, otherwise string, look func() (bool, error)) error {
	var last error
	for {
		done, err := look()
		if done {
			return nil
		}
		if errors.Is(err, errGone) {
			return err
		}
		if err != nil && ctx.Err() == nil {
			last = err
		}
		select {
		case <-ctx.Done():
			if last != nil {
				return fmt.Errorf("%s in time (%w)", otherwise, last)
			}
			return fmt.Errorf("%s in time", otherwise)
		case <-time.After(lookEvery):
		}
	}
}
