package guard_test

import (
	"context"
	"errors"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"testing"
	"time"

	"mainstay/internal/core"
	"mainstay/internal/platform/guard"
)

func TestCheck(t *testing.T) {
	t.Parallel()
	open := guard.New(guard.Configuration{Private: true, Loopback: true,
		Deny: []netip.Prefix{netip.MustParsePrefix("10.9.0.0/16")}})
	strict := guard.New(guard.Configuration{Allow: []netip.Prefix{netip.MustParsePrefix("10.1.0.0/16")}})
	usual := guard.New(guard.Defaults())
	for _, c := range []struct {
		address               string
		open, usual, strictly bool
	}{
		{"93.184.215.14", true, true, true},
		{"2606:2800:21f:cb07::1", true, true, true},
		{"10.1.2.3", true, true, true},
		{"10.2.2.3", true, true, false},
		{"10.9.2.3", false, true, false},
		{"192.168.1.1", true, true, false},
		{"fd12::1", true, true, false},
		{"100.64.0.1", true, true, false},
		{"127.0.0.1", true, false, false},
		{"127.8.8.8", true, false, false},
		{"::1", true, false, false},
		{"::ffff:127.0.0.1", true, false, false},
		{"64:ff9b::7f00:1", true, false, false},
		{"::ffff:169.254.169.254", false, false, false},
		{"64:ff9b::a9fe:a9fe", false, false, false},
		{"2002:a9fe:a9fe::1", false, false, false},
		{"169.254.169.254", false, false, false},
		{"fd00:ec2::254", false, false, false},
		{"100.100.100.200", false, false, false},
		{"169.254.1.1", false, false, false},
		{"fe80::1%eth0", false, false, false},
		{"0.0.0.0", false, false, false},
		{"::", false, false, false},
		{"224.0.0.1", false, false, false},
		{"ff02::1", false, false, false},
		{"255.255.255.255", false, false, false},
	} {
		a := netip.MustParseAddr(c.address)
		for name, g := range map[string]struct {
			guard *guard.Guard
			want  bool
		}{"open": {open, c.open}, "usual": {usual, c.usual}, "strict": {strict, c.strictly}} {
			err := g.guard.Check(a)
			if (err == nil) != g.want {
				t.Errorf("%s, %s: %v", name, c.address, err)
			}
			if err != nil && core.CodeOf(err) != core.CodeForbidden {
				t.Errorf("%s: code %s", c.address, core.CodeOf(err))
			}
		}
	}
}

func TestClientChecksEveryRedirect(t *testing.T) {
	t.Parallel()
	inner := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(204) }))
	t.Cleanup(inner.Close)
	// 127.0.0.0/8 is all this host on Linux: the redirect leads from an allowed address to one that is not.
	hop := httptest.NewServer(http.RedirectHandler(inner.URL, http.StatusFound))
	t.Cleanup(hop.Close)
	refused := guard.New(guard.Defaults()).Client(time.Second)
	if _, err := get(t, refused, hop.URL); !isForbidden(err) {
		t.Fatalf("loopback was called: %v", err)
	}
	allowed := guard.New(guard.Configuration{Loopback: true}).Client(time.Second)
	if status, err := get(t, allowed, hop.URL); err != nil || status != 204 {
		t.Fatalf("an allowed redirect gave %d, %v", status, err)
	}
	toMetadata := httptest.NewServer(http.RedirectHandler("http://169.254.169.254/latest/", http.StatusFound))
	t.Cleanup(toMetadata.Close)
	if _, err := get(t, allowed, toMetadata.URL); !isForbidden(err) {
		t.Fatalf("a redirect reached the metadata service: %v", err)
	}
}

func TestNamesAreCheckedAfterResolution(t *testing.T) {
	t.Parallel()
	g := guard.New(guard.Defaults())
	if err := g.CheckHost(context.Background(), "localhost"); core.CodeOf(err) != core.CodeForbidden {
		t.Fatalf("localhost: %v", err)
	}
	if _, err := g.Dialer(time.Second).Dial("tcp", "localhost:1"); !isForbidden(err) {
		t.Fatalf("dialling localhost: %v", err)
	}
	if _, err := g.Dialer(time.Second).Dial("unix", "/run/none.sock"); !isForbidden(err) {
		t.Fatalf("dialling a socket of this host: %v", err)
	}
}

func get(t *testing.T, client *http.Client, url string) (int, error) {
	t.Helper()
	response, err := client.Get(url)
	if err != nil {
		return 0, err
	}
	response.Body.Close()
	return response.StatusCode, nil
}

func isForbidden(err error) bool {
	var e *core.Error
	return errors.As(err, &e) && e.Code == core.CodeForbidden
}
