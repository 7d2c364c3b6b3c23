package browse_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"image/jpeg"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"os/exec"
	"strings"
	"testing"
	"time"

	"mainstay/internal/platform/probe"
	"mainstay/internal/platform/probe/browse"
)

const login = `<!doctype html><title>Sign in</title><h1>Welcome</h1>
<form action="/home" onsubmit="document.getElementById('go').disabled = true">
<label>User <input name="user"></label> <label>Password <input type="password" name="password"></label>
<label>Site <select name="site"><option value="1">Berlin</option><option value="2">Oslo</option></select></label>
<button id="go" disabled>Sign in</button></form><div style="display:none">hidden text</div>
<script>setTimeout(() => document.getElementById('go').disabled = false, 200); setTimeout(() => { throw new Error('x') }, 10)</script>`

func site(t *testing.T) *httptest.Server {
	t.Helper()
	mux := http.NewServeMux()
	mux.HandleFunc("/login", func(w http.ResponseWriter, _ *http.Request) { fmt.Fprint(w, login) })
	mux.HandleFunc("/home", func(w http.ResponseWriter, r *http.Request) {
		if r.FormValue("password") != "pa ss" {
			http.Error(w, "no", http.StatusForbidden)
			return
		}
		fmt.Fprintf(w, `<title>Home of %s</title><div id=busy>Loading</div><p id=late></p><script>setTimeout(() => { busy.remove(); late.textContent = 'Orders at site %s' }, 150)</script>`, r.FormValue("user"), r.FormValue("site"))
	})
	mux.HandleFunc("/moved", func(w http.ResponseWriter, r *http.Request) {
		http.Redirect(w, r, "http://localhost:"+r.URL.Query().Get("port")+"/login", http.StatusFound)
	})
	server := httptest.NewServer(mux)
	t.Cleanup(server.Close)
	return server
}

func run(t *testing.T, r probe.Runner, steps ...probe.BrowserStep) probe.Result {
	t.Helper()
	if _, err := exec.LookPath("chromium-headless-shell"); err != nil {
		t.Fatal("this test needs the Debian package chromium-headless-shell: scripts/test-deps installs it")
	}
	for i := range steps {
		steps[i].Name = fmt.Sprintf("step %d", i+1)
	}
	r.Drivers = map[string]probe.Driver{"browser": browse.New(2, "").Run}
	return r.Run(context.Background(), probe.Spec{Timeout: probe.Duration(time.Minute), Browser: &probe.Browser{Variables: map[string]string{"password": "pa ss"}, Steps: steps}})
}

func TestVisit(t *testing.T) {
	t.Parallel()
	at := site(t).URL
	res := run(t, probe.Runner{},
		probe.BrowserStep{Open: at + "/login"},
		probe.BrowserStep{See: &probe.Element{Role: "heading", Name: "welcome"}},
		probe.BrowserStep{Gone: &probe.Element{Text: "hidden text"}},
		probe.BrowserStep{Fill: &probe.Element{Role: "textbox", Name: "User"}, Value: "ann"},
		probe.BrowserStep{Fill: &probe.Element{CSS: "input[type=password]"}, Value: "${password}"},
		probe.BrowserStep{Fill: &probe.Element{Role: "combobox", Name: "Site"}, Value: "Oslo"},
		probe.BrowserStep{Click: &probe.Element{Role: "button", Name: "Sign in"}},
		probe.BrowserStep{Title: "^Home of ann$"},
		probe.BrowserStep{URL: "/home\\?"},
		probe.BrowserStep{Gone: &probe.Element{CSS: "#busy"}},
		probe.BrowserStep{See: &probe.Element{Text: "Orders at site 2"}},
	)
	if res.State != probe.OK || !strings.Contains(res.Output, "11 steps in") {
		t.Fatalf("%s %s\n%s", res.State, res.Output, res.Detail)
	}
	figures := map[string]float64{}
	for _, m := range res.Metrics {
		figures[m.Name] = m.Value
	}
	if figures["time step 1"] <= 0 || figures["time"] < figures["time step 1"] || figures["script_errors"] != 1 {
		t.Errorf("%+v", res.Metrics)
	}
}

// TestThePictureCoversVariables: the page hears how its text is changed before
// the picture is taken.
func TestThePictureCoversVariables(t *testing.T) {
	t.Parallel()
	shown := make(chan string, 10)
	mux := http.NewServeMux()
	mux.HandleFunc("/", func(w http.ResponseWriter, _ *http.Request) {
		fmt.Fprint(w, `<title>Oops</title><p id=p>cannot sign in with pa ss</p><input id=i value="pa ss"><script>
			new MutationObserver(() => { const x = new XMLHttpRequest(); x.open('GET', '/shown?text=' + encodeURIComponent(p.textContent + ' ' + i.value), false); x.send(); })
				.observe(p, {characterData: true, subtree: true})</script>`)
	})
	mux.HandleFunc("/shown", func(_ http.ResponseWriter, r *http.Request) { shown <- r.FormValue("text") })
	server := httptest.NewServer(mux)
	t.Cleanup(server.Close)
	fail := probe.BrowserStep{See: &probe.Element{Text: "Welcome"}, Within: probe.Duration(100 * time.Millisecond)}
	res := run(t, probe.Runner{}, probe.BrowserStep{Open: server.URL}, fail)
	if _, err := jpeg.Decode(bytes.NewReader(res.Screenshot)); err != nil || len(res.Screenshot) > probe.MaxScreenshot {
		t.Errorf("%d bytes: %v", len(res.Screenshot), err)
	}
	select {
	case text := <-shown:
		if text != "cannot sign in with ••• •••" {
			t.Errorf("the picture shows %q", text)
		}
	default:
		t.Error("nothing was covered")
	}
}

func TestVisitThatFails(t *testing.T) {
	t.Parallel()
	server := site(t)
	at := server.URL
	res := run(t, probe.Runner{}, probe.BrowserStep{Open: at + "/login"}, probe.BrowserStep{See: &probe.Element{Role: "button", Name: "Buy"}, Within: probe.Duration(300 * time.Millisecond)})
	if res.State != probe.Critical || !strings.Contains(res.Output, `step 2, step 2: the button "Buy" was not to be seen in time`) || !strings.Contains(res.Detail, "Sign in at "+at+"/login") {
		t.Errorf("%s %s\n%s", res.State, res.Output, res.Detail)
	}
	if picture, err := jpeg.Decode(bytes.NewReader(res.Screenshot)); err != nil || picture.Bounds().Dx() < 1000 {
		t.Errorf("%d bytes are no picture of the page: %v", len(res.Screenshot), err)
	}
	if res := run(t, probe.Runner{}, probe.BrowserStep{Open: at + "/home"}); res.State != probe.Critical || !strings.Contains(res.Output, "the page has the status 403") {
		t.Errorf("%s %s", res.State, res.Output)
	}
	// The first address may be reached, the one it redirects to may not.
	guarded := probe.Runner{Allow: func(ip netip.Addr) error {
		if ip.Is6() || ip == netip.MustParseAddr("127.0.0.1") {
			return errors.New("this host is off limits")
		}
		return nil
	}}
	if res := run(t, guarded, probe.BrowserStep{Open: at + "/login"}); res.State != probe.Unknown || !strings.Contains(res.Output, "off limits") {
		t.Errorf("%s %s", res.State, res.Output)
	}
	port := at[strings.LastIndex(at, ":")+1:]
	asked := 0
	once := probe.Runner{Allow: func(netip.Addr) error {
		if asked++; asked > 1 {
			return errors.New("only once")
		}
		return nil
	}}
	if res := run(t, once, probe.BrowserStep{Open: at + "/moved?port=" + port}); res.State != probe.Unknown || !strings.Contains(res.Output, "only once") {
		t.Errorf("%s %s", res.State, res.Output)
	}
}
