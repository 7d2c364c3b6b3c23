package lines

import (
	"bytes"
	"compress/gzip"
	"context"
	"fmt"
	"log/slog"
	"math"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/influxdata/line-protocol/v2/lineprotocol"
	"github.com/prometheus/common/model"

	"mainstay/internal/platform/auth"
	"mainstay/internal/platform/httpapi"
	"mainstay/internal/platform/metricstore"
)

// byHost binds by the tag that Telegraf puts on everything.
type byHost struct{}

func (byHost) Bind(_ context.Context, label func(string) string) string {
	if label("host") == "web1" {
		return "item-of-web1"
	}
	return ""
}

func world(t *testing.T, cfg Configuration) (*Component, metricstore.Store) {
	t.Helper()
	store := metricstore.Defaults()
	store.Directory, store.MinFree = t.TempDir(), 1
	metrics, err := metricstore.Open(store, metricstore.Dependencies{Binder: byHost{}})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = metrics.Close() })
	c, err := New(cfg, Dependencies{Metrics: metrics})
	if err != nil {
		t.Fatal(err)
	}
	if err := c.Start(context.Background()); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = c.Stop(context.Background()) })
	return c, metrics
}

func value(t *testing.T, s metricstore.Store, expr string) float64 {
	t.Helper()
	res, err := s.Query(context.Background(), expr, time.Now())
	if err != nil {
		t.Fatal(err)
	}
	if len(res.Series) != 1 {
		return math.NaN()
	}
	return res.Series[0].Points[0].F
}

func TestInfluxLinesAreStoredAndBound(t *testing.T) {
	t.Parallel()
	c, metrics := world(t, Defaults())
	api := httpapi.New("test", slog.New(slog.DiscardHandler))
	c.Routes(api)
	post := func(path, body string, zip bool) *httptest.ResponseRecorder {
		var content bytes.Buffer
		if zip {
			w := gzip.NewWriter(&content)
			_, _ = w.Write([]byte(body))
			_ = w.Close()
		} else {
			content.WriteString(body)
		}
		r := httptest.NewRequest(http.MethodPost, path, &content)
		if zip {
			r.Header.Set("Content-Encoding", "gzip")
		}
		rec := httptest.NewRecorder()
		api.Handler().ServeHTTP(rec, r.WithContext(auth.With(r.Context(), auth.System("test"))))
		return rec
	}
	now := time.Now()
	good := fmt.Sprintf("cpu,host=web1,cpu=cpu-total usage_idle=97.5,usage user=2i,up=true,note=\"a, \\\"b\\\"\nc\" %d\ndisk,host=web1,path=/var\\ lib used=12u,item=1 %d\n# a comment\n\ntemp value=3 %d\n",
		now.UnixNano(), now.UnixNano(), now.UnixNano())
	good = strings.Replace(good, "usage user", "usage\\ user", 1)
	if rec := post("/api/v2/write?bucket=b&org=o&precision=ns", good, true); rec.Code != http.StatusNoContent {
		t.Fatalf("%d %s", rec.Code, rec.Body)
	}
	for expr, want := range map[string]float64{
		`cpu_usage_idle{host="web1",cpu="cpu-total",item="item-of-web1"}`: 97.5, `cpu_usage_user`: 2, `cpu_up`: 1,
		`disk_used{path="/var lib"}`: 12, `temp`: 3,
	} {
		if got := value(t, metrics, expr); got != want {
			t.Errorf("%s is %v, not %v", expr, got, want)
		}
	}
	rec := post("/write?db=d&precision=s", fmt.Sprintf("fine v=1 %d\nbroken v=\nalso_fine v=2 %d\nno_fields\nitem_of_others,item=x v=3 %d", now.Unix(), now.Unix(), now.Unix()), false)
	if rec.Code != http.StatusBadRequest || !strings.Contains(rec.Body.String(), "partial write: 3 samples were stored, 2 lines") || !strings.Contains(rec.Body.String(), "line 2") {
		t.Errorf("%d %s", rec.Code, rec.Body)
	}
	if value(t, metrics, `also_fine_v`) != 2 || value(t, metrics, `item_of_others_v{item="",exported_item="x"}`) != 3 {
		t.Error("good lines beside a bad one are not stored, or an item was taken from a sender")
	}
	if rec := post("/write?precision=h", "a v=1", false); rec.Code != http.StatusBadRequest {
		t.Errorf("%d", rec.Code)
	}
	c.cfg.MaxBody = 100
	if rec := post("/write", strings.Repeat("a v=1\n", 100), true); rec.Code != http.StatusRequestEntityTooLarge {
		t.Errorf("%d %s", rec.Code, rec.Body)
	}
}

func TestStatsDIsAddedUp(t *testing.T) {
	t.Parallel()
	cfg := Defaults()
	cfg.StatsD, cfg.Flush = "127.0.0.1:0", 20*time.Millisecond
	c, metrics := world(t, cfg)
	udp, err := net.Dial("udp", c.Address())
	if err != nil {
		t.Fatal(err)
	}
	defer udp.Close()
	for _, packet := range []string{
		"orders:2|c|#host:web1,shop:berlin\norders:3|c|@0.5|#shop:berlin,host:web1", "depth:5|g\ndepth:+2|g\ndepth:-1|g",
		"render:120|ms|#page:cart\nrender:3000|ms|@0.5|#page:cart", "size:1:2:3|h", "bad line\n:1|c\nx:y|c\ny:1|ms|@0.0000001", "old,host=web1:1|c",
	} {
		if _, err := udp.Write([]byte(packet)); err != nil {
			t.Fatal(err)
		}
	}
	tcp, err := net.Dial("tcp", c.Address())
	if err != nil {
		t.Fatal(err)
	}
	defer tcp.Close()
	if _, err := tcp.Write([]byte("over_tcp:1|c\nover_tcp:1|c\n")); err != nil {
		t.Fatal(err)
	}
	want := map[string]float64{
		`orders_total{shop="berlin",item="item-of-web1"}`: 8, `depth`: 6, `over_tcp_total`: 2, `old_total{host="web1"}`: 1,
		`render_count{page="cart"}`: 3, `render_bucket{page="cart",le="0.25"}`: 1, `render_bucket{le="+Inf"}`: 3, `render_sum`: 6.12, `size_sum`: 6,
		`mainstay_statsd_bad_lines_total`: 4,
	}
	deadline := time.Now().Add(time.Minute)
	for expr, v := range want {
		for math.Abs(value(t, metrics, expr)-v) > 1e-9 || math.IsNaN(value(t, metrics, expr)) {
			if time.Now().After(deadline) {
				t.Errorf("%s is %v, not %v", expr, value(t, metrics, expr), v)
				break
			}
			time.Sleep(5 * time.Millisecond)
		}
	}
}

func TestSetsAreCountedAndBounded(t *testing.T) {
	t.Parallel()
	s, r, now := newSums(2, time.Minute), newReader(), time.Now()
	s.add(r, "users:joe|s|#a:b\nusers:ann|s|#a:b\nusers:joe|s|#a:b\nb:1|c\nc:1|c\n", now)
	points := s.flush(now)
	if len(points) != 2 || s.refused != 1 {
		t.Fatalf("%+v, %d refused", points, s.refused)
	}
	for _, p := range points {
		if p.series.Get("__name__") == "users" && (p.value != 2 || p.series.Get("a") != "b") {
			t.Errorf("%+v", p)
		}
	}
	for _, p := range s.flush(now) {
		if p.series.Get("__name__") == "users" && p.value != 0 {
			t.Errorf("%+v", p)
		}
	}
	if left := s.flush(now.Add(2 * time.Minute)); len(left) != 0 {
		t.Errorf("%+v are still sent", left)
	}
}

// FuzzInflux reads bodies as anybody may send them.
func FuzzInflux(f *testing.F) {
	f.Add([]byte("cpu,host=a usage=1i,s=\"x\ny\" 1\n# c\nb v=t"))
	f.Add([]byte("a\\ b,c\\,d=e\\=f g=1e308,h=-9223372036854775808i 9223372036854775807"))
	f.Add([]byte("a b=\"never closed\nc d=1"))
	f.Fuzz(func(t *testing.T, body []byte) {
		got := parseInflux(body, lineprotocol.Millisecond, time.Unix(1_700_000_000, 0))
		for _, p := range got.points {
			if !p.series.IsValid(model.UTF8Validation) || p.series.Get("__name__") == "" {
				t.Fatalf("%v", p.series)
			}
		}
	})
}

// FuzzStatsD reads packets as anybody may send them.
func FuzzStatsD(f *testing.F) {
	f.Add("a:1|c|@0.1|#b:c\nd,e=f:1:2|ms\ng:-1|g\nh:x|s")
	f.Add("a:1|ms|@1e-300\n\x00:1|c\na:NaN|g|#:,:")
	r, now := newReader(), time.Now()
	f.Fuzz(func(t *testing.T, packet string) {
		s := newSums(100, time.Minute)
		s.add(r, packet, now)
		for _, p := range s.flush(now) {
			if p.series.Get("__name__") == "" || math.IsNaN(p.value) {
				t.Fatalf("%v %v", p.series, p.value)
			}
		}
	})
}
