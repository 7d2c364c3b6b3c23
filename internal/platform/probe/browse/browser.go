package browse

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"sync"
	"sync/atomic"
	"time"

	"mainstay/internal/platform/probe"
)

// browser is one running Chromium with one page.
type browser struct {
	*conversation
	proxy   *proxy
	cmd     *exec.Cmd
	gone    chan struct{}
	profile string
	pipes   []*os.File
	session string

	scriptErrors atomic.Int64
	mu           sync.Mutex
	status       int // of the newest document
}

// launch starts a browser and opens an empty page.
func launch(ctx context.Context, path string, r probe.Runner, spec *probe.Browser) (b *browser, err error) {
	b = &browser{gone: make(chan struct{})}
	defer func() {
		if err != nil {
			b.close()
		}
	}()
	if b.profile, err = os.MkdirTemp("", "mainstay-browser-"); err != nil {
		return b, err
	}
	if b.proxy, err = startProxy(r); err != nil {
		return b, err
	}
	if err := b.start(path, b.arguments(spec)); err != nil {
		return b, err
	}
	return b, b.page(ctx)
}

func (b *browser) arguments(spec *probe.Browser) []string {
	width, height := spec.Width, spec.Height
	if width == 0 {
		width = 1280
	}
	if height == 0 {
		height = 800
	}
	args := []string{"--headless=new", "--remote-debugging-pipe", "--user-data-dir=" + b.profile, fmt.Sprintf("--window-size=%d,%d", width, height),
		"--no-first-run", "--no-default-browser-check", "--disable-gpu", "--disable-dev-shm-usage", "--disable-extensions", "--disable-sync",
		"--disable-background-networking", "--disable-component-update", "--disable-default-apps", "--mute-audio", "--password-store=basic",
		// Everything goes through the proxy: loopback too, no QUIC, and no WebRTC beside it.
		"--proxy-server=http://" + b.proxy.address(), "--proxy-bypass-list=<-loopback>", "--disable-quic", "--force-webrtc-ip-handling-policy=disable_non_proxied_udp"}
	if spec.Insecure {
		args = append(args, "--ignore-certificate-errors")
	}
	if os.Geteuid() == 0 {
		args = append(args, "--no-sandbox")
	}
	return append(args, "about:blank")
}

// start runs the program: it reads commands from its file 3 and answers on 4.
func (b *browser) start(path string, args []string) error {
	theirIn, ourOut, err := os.Pipe()
	if err != nil {
		return err
	}
	ourIn, theirOut, err := os.Pipe()
	if err != nil {
		theirIn.Close()
		ourOut.Close()
		return err
	}
	b.pipes = []*os.File{ourOut, ourIn}
	b.cmd = exec.Command(path, args...)
	b.cmd.Env = []string{"PATH=" + os.Getenv("PATH"), "HOME=" + b.profile, "LC_ALL=C.UTF-8"} // secrets of this process are none of its business
	b.cmd.ExtraFiles = []*os.File{theirIn, theirOut}
	ownGroup(b.cmd)
	err = b.cmd.Start()
	theirIn.Close()
	theirOut.Close()
	if err != nil {
		b.cmd = nil
		return err
	}
	go func() { _ = b.cmd.Wait(); close(b.gone) }()
	b.conversation = newConversation(ourOut, ourIn, b.heard)
	return nil
}

func (b *browser) page(ctx context.Context) error {
	var made struct {
		TargetID  string `json:"targetId"`
		SessionID string `json:"sessionId"`
	}
	if err := b.conversation.call(ctx, "", "Target.createTarget", map[string]any{"url": "about:blank"}, &made); err != nil {
		return err
	}
	if err := b.conversation.call(ctx, "", "Target.attachToTarget", map[string]any{"targetId": made.TargetID, "flatten": true}, &made); err != nil {
		return err
	}
	b.session = made.SessionID
	for _, domain := range []string{"Page", "Runtime", "Network", "DOM", "Accessibility"} {
		if err := b.call(ctx, domain+".enable", nil, nil); err != nil {
			return err
		}
	}
	return nil
}

// call sends a command to the page.
func (b *browser) call(ctx context.Context, method string, params, result any) error {
	if params == nil {
		params = struct{}{}
	}
	return b.conversation.call(ctx, b.session, method, params, result)
}

// heard notes what the page tells of itself.
func (b *browser) heard(method string, params json.RawMessage) {
	switch method {
	case "Runtime.exceptionThrown":
		b.scriptErrors.Add(1)
	case "Network.responseReceived":
		var e struct {
			Type     string `json:"type"`
			Response struct {
				Status int `json:"status"`
			} `json:"response"`
		}
		if bytes.Contains(params, []byte(`"Document"`)) && json.Unmarshal(params, &e) == nil && e.Type == "Document" {
			b.mu.Lock()
			b.status = e.Response.Status
			b.mu.Unlock()
		}
	case "Page.javascriptDialogOpening":
		// A dialogue would hold the page up for ever.
		go func() {
			ctx, cancel := context.WithTimeout(context.Background(), 5*time.Second)
			defer cancel()
			_ = b.call(ctx, "Page.handleJavaScriptDialog", map[string]any{"accept": true}, nil)
		}()
	}
}

// describe says where the page is, for a person who wonders why a step failed.
func (b *browser) describe(ctx context.Context) string {
	ctx, cancel := context.WithTimeout(ctx, time.Second)
	defer cancel()
	where, _ := b.text(ctx, "document.title + ' at ' + location.origin + location.pathname")
	shown, _ := b.text(ctx, "document.body ? document.body.innerText.slice(0, 2000) : ''")
	if where == "" {
		return "the page does not answer"
	}
	return "the page is " + where + ":\n" + shown
}

// close ends the browser with all its processes, and takes its files away.
func (b *browser) close() {
	if b.cmd != nil {
		endGroup(b.cmd)
		<-b.gone
	}
	for _, p := range b.pipes {
		p.Close()
	}
	if b.conversation != nil {
		<-b.conversation.over
	}
	if b.proxy != nil {
		b.proxy.stop()
	}
	if b.profile != "" {
		for range 20 { // a process that is just ending may still write
			if os.RemoveAll(b.profile) == nil {
				return
			}
			time.Sleep(10 * time.Millisecond)
		}
	}
}
