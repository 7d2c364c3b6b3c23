package scraping

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"mainstay/internal/core"
	"mainstay/internal/platform/guard"
	"mainstay/internal/platform/sqldb"
	"mainstay/internal/platform/sqldb/sqldbtest"
)

func TestATargetIsScrapedFromItsDocumentToItsItem(t *testing.T) {
	t.Parallel()
	sqldbtest.Run(t, func(t *testing.T, db *sqldb.DB) {
		w := newWorld(t, db)
		w.start()
		address, stop := exporter(t, says("# HELP jobs_done_total Jobs that ended.\n# TYPE jobs_done_total counter\njobs_done_total{queue=\"mail\"} 7\n"))
		w.put("shop", `{"static_configs":[{"targets":["`+address+`"],"labels":{"token":"a label, no secret"}}],
			"relabel_configs":[{"target_label":"region","replacement":"north"}]}`)
		w.until("the sample", func() bool {
			v, ok := w.value(`jobs_done_total{job="shop",queue="mail",region="north",item="item-of-loopback"}`)
			return ok && v == 7
		})
		w.until("up", func() bool { v, ok := w.value(`up{job="shop",item="item-of-loopback"}`); return ok && v == 1 })
		w.until("the target in the list", func() bool {
			got := w.targets("where=health=up", "where=scrape=shop")["http://"+address+"/metrics"]
			return got.Health == "up" && got.ScrapedAt != nil && got.Item == "item-of-loopback" && got.Labels["region"] == "north"
		})
		w.metrics.SetTargets(w.c)
		for path, want := range map[string]string{"targets": `"health":"up"`, "scrape_pools": `"shop"`, "targets/metadata?metric=jobs_done_total": "Jobs that ended."} {
			rec := httptest.NewRecorder()
			w.metrics.Handler().ServeHTTP(rec, httptest.NewRequest(http.MethodGet, "/prometheus/api/v1/"+path, nil))
			if rec.Code != http.StatusOK || !strings.Contains(rec.Body.String(), want) {
				t.Errorf("%s: %d %s", path, rec.Code, rec.Body.String())
			}
		}

		stop()
		w.until("down", func() bool { v, ok := w.value(`up{job="shop"}`); return ok && v == 0 })
		w.until("the reason", func() bool {
			return strings.Contains(w.targets("where=health=down")["http://"+address+"/metrics"].Error, "refused")
		})
		if _, there := w.value(`jobs_done_total`); there {
			t.Error("the series of a target that is down is not stale")
		}
		other, _ := exporter(t, says("jobs_done_total 1\n"))
		w.put("shop", `{"static_configs":[{"targets":["`+other+`"]}]}`)
		w.until("staleness of the target that is gone", func() bool { _, there := w.value(`up{instance="` + address + `"}`); return !there })
		w.put("shop", `{"static_configs":[{"targets":["`+other+`"]}],"disabled":true}`)
		w.until("no target", func() bool { return len(w.targets()) == 0 })
	})
}

// A target that hangs and one that answers with 100 MB cost themselves alone.
func TestTargetsThatGoWrongAreContained(t *testing.T) {
	t.Parallel()
	w := newWorld(t, sqldbtest.SQLite(t))
	w.start()
	good, _ := exporter(t, says("fine 1\n"))
	release := make(chan struct{})
	hangs, _ := exporter(t, func(_ http.ResponseWriter, r *http.Request) {
		select {
		case <-release:
		case <-r.Context().Done():
		}
	})
	t.Cleanup(func() { close(release) })
	var sent atomic.Int64
	const answer = 100 << 20
	huge, _ := exporter(t, func(rw http.ResponseWriter, _ *http.Request) {
		rw.Header().Set("Content-Type", "text/plain; version=0.0.4")
		line := bytes.Repeat([]byte("huge{a=\"b\"} 1\n"), 4096)
		for n := 0; n < answer; n += len(line) {
			m, err := rw.Write(line)
			sent.Add(int64(m))
			if err != nil {
				return
			}
		}
	})
	many, _ := exporter(t, func(rw http.ResponseWriter, r *http.Request) {
		for i := range 500 {
			fmt.Fprintf(rw, "many{n=\"%d\"} 1\n", i)
		}
	})
	w.put("mixed", `{"static_configs":[{"targets":["`+good+`","`+hangs+`","`+huge+`","`+many+`"]}],"sample_limit":100,"fallback_scrape_protocol":"PrometheusText0.0.4"}`)
	w.until("all are judged", func() bool {
		got := w.targets()
		return got["http://"+good+"/metrics"].Health == "up" && strings.Contains(got["http://"+hangs+"/metrics"].Error, "deadline exceeded") &&
			strings.Contains(got["http://"+huge+"/metrics"].Error, "body size limit exceeded") && strings.Contains(got["http://"+many+"/metrics"].Error, "sample limit exceeded")
	})
	if v, ok := w.value(`sum(up{job="mixed"})`); !ok || v != 1 {
		t.Errorf("%v targets are up", v)
	}
	if _, there := w.value(`count(many)`); there {
		t.Error("samples beyond the limit were stored")
	}
	before := sent.Load()
	w.until("another scrape of the huge one", func() bool { return sent.Load() > before })
}

func TestWhatADocumentMayNotSay(t *testing.T) {
	t.Parallel()
	w := newWorld(t, sqldbtest.SQLite(t))
	w.start()
	for text, want := range map[string][2]string{
		`{"static_configs":[{"targets":["http://a/b"]}]}`:                                                             {"spec.static_configs[0]", "not a valid hostname"},
		`{"static_configs":[{"targets":["a:1"]}],"scrape_intervall":"5s"}`:                                            {"spec.scrape_intervall", "not found"},
		`{"static_configs":[{"targets":["a:1"]}],"scrape_interval":"soon"}`:                                           {"spec.scrape_interval", "not a valid duration"},
		`{"static_configs":[{"targets":["a:1"]}],"relabel_configs":[{"action":"keep","regex":"a"},{"action":"fly"}]}`: {"spec.relabel_configs[1]", "fly"},
		`{"static_configs":[{"targets":["a:1"]}],"scrape_interval":"1ms"}`:                                            {"spec.scrape_interval", "at least"},
		`{"static_configs":[{"targets":["a:1"]}],"scrape_timeout":"1h"}`:                                              {"spec", "greater than scrape interval"},
		`{"static_configs":[{"targets":["a:1"]}],"job_name":"other"}`:                                                 {"spec.job_name", "name of the document"},
		`{"static_configs":[{"targets":["a:1"]}],"basic_auth":{"username":"u","password":"p"}}`:                       {"spec.basic_auth.password", "must refer to a secret"},
		`{"static_configs":[{"targets":["a:1"]}],"basic_auth":{"username":"u","password_file":"/etc/shadow"}}`:        {"spec.basic_auth.password_file", "must be an absolute path in"},
		`{"static_configs":[{"targets":["a:1"]}],"authorization":{"credentials_file":"/etc/mainstay/scrape/../x"}}`:   {"spec.authorization.credentials_file", "must be an absolute path in"},
		`{"file_sd_configs":[{"files":["/etc/*.json"]}]}`:                                                             {"spec.file_sd_configs[0].files[0]", "must be an absolute path in"},
		`{"static_configs":[{"targets":["a:1"]}],"scrape_failure_log_file":"/tmp/x"}`:                                 {"spec.scrape_failure_log_file", "not offered"},
		`{"static_configs":[{"targets":["a:1"]}],"proxy_from_environment":true}`:                                      {"spec.proxy_from_environment", "not offered"},
		`{"static_configs":[{"targets":["a:1"]}],"team":7}`:                                                           {"spec.team", "must be a text"},
		`{"zookeeper_sd_configs":[]}`:                                                                                 {"spec.zookeeper_sd_configs", "not found"},
	} {
		err := w.tryPut("x", text)
		var e *core.Error
		if !errors.As(err, &e) || e.Code != core.CodeInvalid || len(e.Details) == 0 || e.Details[0].Field != want[0] || !strings.Contains(e.Details[0].Rule, want[1]) {
			t.Errorf("%s\n gave %+v\n want %v", text, err, want)
		}
	}
	for _, text := range []string{
		`{"kubernetes_sd_configs":[{"role":"pod"}]}`, `{"consul_sd_configs":[{"server":"consul:8500","token":"secret:door"}]}`,
		`{"dns_sd_configs":[{"names":["_metrics._tcp.example.org"]}]}`, `{"http_sd_configs":[{"url":"http://sd.example.org/"}]}`,
		`{"file_sd_configs":[{"files":["/etc/mainstay/scrape/*.yml"]}]}`,
		`{"static_configs":[{"targets":["a:1"]}],"metric_relabel_configs":[{"action":"labeldrop","regex":"user"}],"body_size_limit":"200MB","params":{"token":["x"]}}`,
	} {
		if err := w.tryPut("fine", text); err != nil {
			t.Errorf("%s: %v", text, err)
		}
	}
}

func TestTargetsPassTheGuardAndSecretsAreRevealed(t *testing.T) {
	t.Parallel()
	w := newWorld(t, sqldbtest.SQLite(t))
	open, _ := exporter(t, func(rw http.ResponseWriter, r *http.Request) {
		if user, password, _ := r.BasicAuth(); user != "u" || password != "open" {
			rw.WriteHeader(http.StatusUnauthorized)
			return
		}
		says("inside 1\n")(rw, r)
	})
	away, _ := exporter(t, func(rw http.ResponseWriter, r *http.Request) {
		http.Redirect(rw, r, "http://127.0.0.9:1/metrics", http.StatusFound)
	})
	g := guard.New(guard.Configuration{Allow: []netip.Prefix{netip.MustParsePrefix("127.0.0.1/32")}})
	w.deps.Dial, w.deps.Allowed = g.Dialer(time.Second).DialContext, g.CheckHost
	w.start()
	w.put("door", `{"static_configs":[{"targets":["`+open+`"]}],"basic_auth":{"username":"u","password":"secret:door"}}`)
	w.put("away", `{"static_configs":[{"targets":["`+away+`"]}]}`)
	w.put("lost", `{"static_configs":[{"targets":["`+open+`"]}],"basic_auth":{"username":"u","password":"secret:nowhere"}}`)
	w.put("consul", `{"consul_sd_configs":[{"server":"127.0.0.9:8500"}]}`)
	w.until("the guarded targets", func() bool {
		got := w.targets("where=scrape!=lost,consul")
		return got["http://"+open+"/metrics"].Health == "up" && strings.Contains(got["http://"+away+"/metrics"].Error, "not allowed")
	})
	w.until("documents that cannot be loaded", func() bool {
		lost, consul := w.targets("where=scrape=lost")[""], w.targets("where=scrape=consul")[""]
		return lost.Health == broken && strings.Contains(lost.Error, "spec.basic_auth.password") && strings.Contains(consul.Error, "not allowed")
	})
	if text, _, err := w.c.Kinds()[0].Get(w.ctx, w.deps.DB, "door"); err != nil || strings.Contains(string(text), "open") {
		t.Errorf("%s %v", text, err)
	}
}

func TestAFullDiskStopsScrapesUntilThereIsRoom(t *testing.T) {
	t.Parallel()
	w := newWorld(t, sqldbtest.SQLite(t))
	w.start()
	address, _ := exporter(t, says("fine 1\n"))
	w.put("shop", `{"static_configs":[{"targets":["`+address+`"]}]}`)
	target := func() Target { return w.targets()["http://"+address+"/metrics"] }
	w.until("up", func() bool { return target().Health == "up" })
	w.free.Store(0)
	w.until("the reason", func() bool {
		return target().Health == "down" && strings.Contains(target().Error, "disk is nearly full")
	})
	if v, ok := w.value(`max_over_time(up{job="shop"}[1m])`); !ok || v != 1 {
		t.Error("queries do not go on")
	}
	w.free.Store(1 << 30)
	w.until("up again", func() bool { return target().Health == "up" })
}

func TestFieldsOfOurOwnAreKeptApart(t *testing.T) {
	t.Parallel()
	var spec Spec
	if err := json.Unmarshal([]byte(`{"static_configs":[{"targets":["a:1"]}],"description":"d","team":"t","disabled":true}`), &spec); err != nil {
		t.Fatal(err)
	}
	if text, err := json.Marshal(spec); err != nil || !strings.Contains(string(text), `"team":"t"`) || spec.Config["team"] != nil {
		t.Errorf("%s %v", text, err)
	}
}

// FuzzSpec reads specs as people write them: they are refused with a field, or loaded.
func FuzzSpec(f *testing.F) {
	f.Add(`{"static_configs":[{"targets":["a:1"]}]}`)
	f.Add(`{"relabel_configs":[null],"scrape_interval":1e400}`)
	f.Add(`{"http_sd_configs":[{"url":"http://a/","authorization":{"credentials":"secret:x"}}],"params":{"a":["b"]}}`)
	f.Add(`{"static_configs":{"0":["<<"]},"\u0000":"&a *a"}`)
	cfg := Defaults()
	f.Fuzz(func(t *testing.T, text string) {
		var spec Spec
		err := json.Unmarshal([]byte(text), &spec)
		if err == nil {
			err = spec.validate("x", cfg)
		}
		if e := (*core.Error)(nil); errors.As(err, &e) && (e.Code != core.CodeInvalid || len(e.Details) == 0) {
			t.Fatalf("%+v", e)
		}
	})
}
