package browse

import (
	"context"
	"slices"
	"time"

	"mainstay/internal/platform/probe"
)

// cover hides what was put in for variables, which may be secret: in fields, and
// wherever the page repeats it.
const cover = `function(values) {
	const dots = (text) => values.reduce((t, v) => t.split(v).join('•••'), text);
	const walk = (root) => {
		for (const e of root.querySelectorAll('*')) {
			if (e.shadowRoot) walk(e.shadowRoot);
			try { if (e.contentDocument) walk(e.contentDocument); } catch { /* of another site */ }
			if ('value' in e && typeof e.value === 'string' && dots(e.value) !== e.value) e.value = dots(e.value);
			for (const n of e.childNodes) if (n.nodeType === 3 && dots(n.data) !== n.data) n.data = dots(n.data);
		}
	};
	walk(document);
}`

// leastCovered is how long a value must be to be covered: shorter ones are in every text.
const leastCovered = 3

// picture takes a picture of what is to be seen of the page; nil when there is none
// that is small enough, or the page does not answer.
func (b *browser) picture(ctx context.Context, spec *probe.Browser) []byte {
	ctx, cancel := context.WithTimeout(ctx, 5*time.Second)
	defer cancel()
	values := []string{}
	for _, v := range spec.Variables {
		if len(v) >= leastCovered {
			values = append(values, v)
		}
	}
	slices.SortFunc(values, func(a, b string) int { return len(b) - len(a) }) // one may hold another
	var global remote
	if err := b.call(ctx, "Runtime.evaluate", map[string]any{"expression": "document"}, &global); err != nil {
		return nil
	}
	if _, err := b.on(ctx, global.Result.ObjectID, cover, values); err != nil {
		return nil // rather no picture than one that tells
	}
	var metrics struct {
		Viewport struct {
			X      float64 `json:"pageX"`
			Y      float64 `json:"pageY"`
			Width  float64 `json:"clientWidth"`
			Height float64 `json:"clientHeight"`
		} `json:"cssVisualViewport"`
	}
	if err := b.call(ctx, "Page.getLayoutMetrics", nil, &metrics); err != nil {
		return nil
	}
	at := metrics.Viewport
	for _, try := range []struct {
		quality int
		scale   float64
	}{{70, 1}, {40, 1}, {40, 0.5}, {30, 0.25}} {
		var shot struct {
			Data []byte `json:"data"`
		}
		err := b.call(ctx, "Page.captureScreenshot", map[string]any{"format": "jpeg", "quality": try.quality,
			"clip": map[string]any{"x": at.X, "y": at.Y, "width": at.Width, "height": at.Height, "scale": try.scale}}, &shot)
		if err != nil {
			return nil
		}
		if len(shot.Data) <= probe.MaxScreenshot {
			return shot.Data
		}
	}
	return nil
}
