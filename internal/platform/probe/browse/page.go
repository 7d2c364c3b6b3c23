package browse

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"mainstay/internal/platform/probe"
)

// open goes to an address and waits until the page is loaded.
func (b *browser) open(ctx context.Context, address string) error {
	b.mu.Lock()
	b.status = 0
	b.mu.Unlock()
	var to struct {
		ErrorText string `json:"errorText"`
	}
	if err := b.call(ctx, "Page.navigate", map[string]any{"url": address}, &to); err != nil {
		return err
	}
	if to.ErrorText != "" {
		return fmt.Errorf("the page cannot be opened: %s", to.ErrorText)
	}
	err := until(ctx, "the page was not loaded", func() (bool, error) {
		state, err := b.text(ctx, "location.href === 'about:blank' ? '' : document.readyState")
		return state == "complete", err
	})
	if err != nil {
		return err
	}
	b.mu.Lock()
	status := b.status
	b.mu.Unlock()
	if status >= 400 {
		return fmt.Errorf("the page has the status %d", status)
	}
	return nil
}

type remote struct {
	Result struct {
		ObjectID string `json:"objectId"`
		Value    any    `json:"value"`
	} `json:"result"`
	Exception *struct {
		Text string `json:"text"`
	} `json:"exceptionDetails"`
}

// text is an expression of the page as text.
func (b *browser) text(ctx context.Context, expression string) (string, error) {
	var got remote
	if err := b.call(ctx, "Runtime.evaluate", map[string]any{"expression": "String(" + expression + ")", "returnByValue": true}, &got); err != nil {
		return "", err
	}
	if got.Exception != nil {
		return "", errors.New(got.Exception.Text)
	}
	text, _ := got.Result.Value.(string)
	return text, nil
}

// visible is a function of the page that says whether an element can be seen.
const visible = `(e) => { if (!e.isConnected) return false; const r = e.getBoundingClientRect(); ` +
	`return r.width > 0 && r.height > 0 && e.checkVisibility({visibilityProperty: true, opacityProperty: true}); }`

// find returns the first element that can be seen, "" for none.
func (b *browser) find(ctx context.Context, e *probe.Element) (string, error) {
	if e.Role != "" {
		return b.findRole(ctx, e)
	}
	expression := `(q) => { const seen = ` + visible + `; for (const e of document.querySelectorAll(q)) if (seen(e)) return e; return null; }`
	argument := e.CSS
	if e.Text != "" {
		argument = e.Text
		expression = `(t) => { const seen = ` + visible + `; const has = (e) => (e.innerText || '').includes(t);
			let at = document.body; if (!at || !has(at)) return null;
			for (;;) { const below = [...at.children].find((c) => has(c) && seen(c)); if (!below) break; at = below; }
			return seen(at) ? at : null; }`
	}
	var got remote
	var global remote
	if err := b.call(ctx, "Runtime.evaluate", map[string]any{"expression": "globalThis"}, &global); err != nil {
		return "", err
	}
	err := b.call(ctx, "Runtime.callFunctionOn", map[string]any{"objectId": global.Result.ObjectID, "functionDeclaration": expression,
		"arguments": []any{map[string]any{"value": argument}}}, &got)
	if err != nil {
		return "", err
	}
	if got.Exception != nil {
		return "", fmt.Errorf("%s cannot be looked for: it is no selector", e)
	}
	return got.Result.ObjectID, nil
}

// findRole asks for the accessibility tree, as a screen reader has it.
func (b *browser) findRole(ctx context.Context, e *probe.Element) (string, error) {
	var document struct {
		Root struct {
			NodeID int `json:"nodeId"`
		} `json:"root"`
	}
	if err := b.call(ctx, "DOM.getDocument", map[string]any{"depth": 0}, &document); err != nil {
		return "", err
	}
	var tree struct {
		Nodes []struct {
			Ignored bool `json:"ignored"`
			Name    struct {
				Value string `json:"value"`
			} `json:"name"`
			Backend int `json:"backendDOMNodeId"`
		} `json:"nodes"`
	}
	if err := b.call(ctx, "Accessibility.queryAXTree", map[string]any{"nodeId": document.Root.NodeID, "role": e.Role}, &tree); err != nil {
		return "", err
	}
	for _, n := range tree.Nodes {
		if n.Ignored || !strings.Contains(strings.ToLower(n.Name.Value), strings.ToLower(e.Name)) {
			continue
		}
		var resolved struct {
			Object struct {
				ObjectID string `json:"objectId"`
			} `json:"object"`
		}
		if err := b.call(ctx, "DOM.resolveNode", map[string]any{"backendNodeId": n.Backend}, &resolved); err != nil {
			return "", err
		}
		if seen, err := b.on(ctx, resolved.Object.ObjectID, `function() { return (`+visible+`)(this); }`); err != nil {
			return "", err
		} else if seen == true {
			return resolved.Object.ObjectID, nil
		}
	}
	return "", nil
}

// on calls a function of the page with an element as this.
func (b *browser) on(ctx context.Context, object, function string, arguments ...any) (any, error) {
	list := []any{}
	for _, a := range arguments {
		list = append(list, map[string]any{"value": a})
	}
	var got remote
	err := b.call(ctx, "Runtime.callFunctionOn", map[string]any{"objectId": object, "functionDeclaration": function, "arguments": list, "returnByValue": true, "awaitPromise": true}, &got)
	if err == nil && got.Exception != nil {
		err = errors.New(got.Exception.Text)
	}
	return got.Result.Value, err
}

// ready says where an element can be clicked, when it is not disabled or covered and keeps its place.
const ready = `async function() {
	if (this.disabled) return null;
	this.scrollIntoView({block: 'center', inline: 'center', behavior: 'instant'});
	const place = () => { const r = this.getBoundingClientRect(); return [r.x + r.width / 2, r.y + r.height / 2]; };
	const before = place();
	await new Promise((done) => setTimeout(done, 30));
	const [x, y] = place();
	if (x !== before[0] || y !== before[1]) return null;
	const top = document.elementFromPoint(x, y);
	const label = this.labels ? [...this.labels] : [];
	if (!top || !(this === top || this.contains(top) || top.contains(this) || label.some((l) => l.contains(top)))) return null;
	return [x, y];
}`

func (b *browser) click(ctx context.Context, e *probe.Element) error {
	var x, y float64
	err := until(ctx, e.String()+" could not be clicked", func() (bool, error) {
		object, err := b.find(ctx, e)
		if object == "" {
			return false, err
		}
		at, err := b.on(ctx, object, ready)
		if err != nil {
			return false, err
		}
		place, ok := at.([]any)
		if !ok || len(place) != 2 {
			return false, nil
		}
		x, _ = place[0].(float64)
		y, _ = place[1].(float64)
		return true, nil
	})
	if err != nil {
		return err
	}
	for _, kind := range []string{"mouseMoved", "mousePressed", "mouseReleased"} {
		event := map[string]any{"type": kind, "x": x, "y": y, "button": "left", "clickCount": 1}
		if kind == "mouseMoved" {
			event["button"], event["clickCount"] = "none", 0
		}
		if err := b.call(ctx, "Input.dispatchMouseEvent", event, nil); err != nil {
			return err
		}
	}
	return nil
}

// take makes a field ready to be typed into, or chooses the entry of a list.
const take = `function(value) {
	if (this.disabled || this.readOnly) return 'wait';
	if (this.tagName === 'SELECT') {
		const option = [...this.options].find((o) => o.label.trim() === value || o.value === value);
		if (!option) return 'none';
		this.value = option.value;
		this.dispatchEvent(new Event('input', {bubbles: true}));
		this.dispatchEvent(new Event('change', {bubbles: true}));
		return 'done';
	}
	this.scrollIntoView({block: 'center', behavior: 'instant'});
	this.focus();
	if (this.select) this.select(); else getSelection().selectAllChildren(this);
	return 'type';
}`

func (b *browser) fill(ctx context.Context, e *probe.Element, value string) error {
	said := ""
	err := until(ctx, e.String()+" could not be filled", func() (bool, error) {
		object, err := b.find(ctx, e)
		if object == "" {
			return false, err
		}
		got, err := b.on(ctx, object, take, value)
		if err != nil {
			return false, err
		}
		said, _ = got.(string)
		return said == "done" || said == "type", nil
	})
	if err != nil || said == "done" {
		return err
	}
	if value == "" {
		return b.press(ctx, "Backspace")
	}
	return b.call(ctx, "Input.insertText", map[string]any{"text": value}, nil)
}

// press presses and releases a key.
func (b *browser) press(ctx context.Context, key string) error {
	codes := map[string]int{"Enter": 13, "Tab": 9, "Escape": 27, "Backspace": 8, "ArrowUp": 38, "ArrowDown": 40, "ArrowLeft": 37, "ArrowRight": 39}
	event := map[string]any{"type": "keyDown", "key": key, "code": key, "windowsVirtualKeyCode": codes[key]}
	switch {
	case key == "Enter":
		event["text"] = "\r"
	case codes[key] == 0:
		event = map[string]any{"type": "keyDown", "key": key, "text": key}
	}
	if err := b.call(ctx, "Input.dispatchKeyEvent", event, nil); err != nil {
		return err
	}
	delete(event, "text")
	event["type"] = "keyUp"
	return b.call(ctx, "Input.dispatchKeyEvent", event, nil)
}
