package scraping

import (
	"context"
	"encoding/json"
	"fmt"
	"maps"
	"net"
	"net/http"
	"net/http/httptest"
	"slices"
	"strconv"
	"sync"
	"testing"
	"time"

	"mainstay/internal/platform/sqldb/sqldbtest"
)

// changing is a state that readers wait on: blocking queries and watches.
type changing struct {
	mu      sync.Mutex
	version int
	moved   chan struct{}
	peers   map[string]string // name -> host:port
}

func newChanging(peers map[string]string) *changing {
	return &changing{version: 1, moved: make(chan struct{}), peers: peers}
}

func (c *changing) set(peers map[string]string) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.peers, c.version = peers, c.version+1
	close(c.moved)
	c.moved = make(chan struct{})
}

func (c *changing) look() (version int, peers map[string]string, moved <-chan struct{}) {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.version, maps.Clone(c.peers), c.moved
}

// after is the state that comes after a version, or the same when ctx ends before.
func (c *changing) after(ctx context.Context, version int) (int, map[string]string) {
	for {
		at, peers, moved := c.look()
		if at > version {
			return at, peers
		}
		select {
		case <-moved:
		case <-ctx.Done():
			return at, peers
		}
	}
}

func answer(w http.ResponseWriter, v any) {
	w.Header().Set("Content-Type", "application/json")
	_ = json.NewEncoder(w).Encode(v)
}

// consulAgent answers what service discovery asks an agent of Consul: itself,
// the catalogue and the health of a service, as blocking queries
// (developer.hashicorp.com/consul/api-docs/features/blocking).
func consulAgent(t *testing.T, state *changing) string {
	mux := http.NewServeMux()
	blocking := func(r *http.Request) (int, map[string]string) {
		index, _ := strconv.Atoi(r.URL.Query().Get("index"))
		wait, err := time.ParseDuration(r.URL.Query().Get("wait"))
		if err != nil {
			wait = 5 * time.Minute
		}
		ctx, cancel := context.WithTimeout(r.Context(), wait)
		defer cancel()
		return state.after(ctx, index)
	}
	mux.HandleFunc("GET /v1/agent/self", func(w http.ResponseWriter, _ *http.Request) {
		answer(w, map[string]any{"Config": map[string]any{"Datacenter": "north"}})
	})
	mux.HandleFunc("GET /v1/catalog/services", func(w http.ResponseWriter, r *http.Request) {
		index, peers := blocking(r)
		services := map[string][]string{"consul": {}}
		if len(peers) > 0 {
			services["shop"] = []string{"metrics"}
		}
		w.Header().Set("X-Consul-Index", strconv.Itoa(index))
		answer(w, services)
	})
	mux.HandleFunc("GET /v1/health/service/shop", func(w http.ResponseWriter, r *http.Request) {
		index, peers := blocking(r)
		nodes := []any{}
		for _, name := range slices.Sorted(maps.Keys(peers)) {
			host, port, _ := net.SplitHostPort(peers[name])
			n, _ := strconv.Atoi(port)
			nodes = append(nodes, map[string]any{
				"Node":    map[string]any{"Node": name, "Address": host, "Datacenter": "north", "Meta": map[string]string{"rack": "r1"}},
				"Service": map[string]any{"ID": "shop-" + name, "Service": "shop", "Tags": []string{"metrics"}, "Address": "", "Port": n},
				"Checks":  []any{map[string]any{"Status": "passing"}},
			})
		}
		w.Header().Set("X-Consul-Index", strconv.Itoa(index))
		answer(w, nodes)
	})
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Header.Get("X-Consul-Token") != "open" {
			http.Error(w, "Permission denied", http.StatusForbidden)
			return
		}
		mux.ServeHTTP(w, r)
	}))
	t.Cleanup(func() {
		server.CloseClientConnections() // those that wait for a change
		server.Close()
	})
	return server.Listener.Addr().String()
}

func TestConsulTellsWhatIsScraped(t *testing.T) {
	t.Parallel()
	first, _ := exporter(t, says("found 1\n"))
	second, _ := exporter(t, says("found 2\n"))
	state := newChanging(map[string]string{"web1": first})
	agent := consulAgent(t, state) // it ends after who asks it
	w := newWorld(t, sqldbtest.SQLite(t))
	w.start()
	w.put("consul", `{"consul_sd_configs":[{"server":"`+agent+`","token":"secret:door","services":["shop"],"refresh_interval":"20ms"}],
		"relabel_configs":[{"source_labels":["__meta_consul_node"],"target_label":"node"},{"source_labels":["__meta_consul_dc"],"target_label":"dc"},
			{"source_labels":["__meta_consul_metadata_rack"],"target_label":"rack"}]}`)
	follows(w, state, `found{node="%s",dc="north",rack="r1"}`, first, second)
}

// follows has the second appear beside the first, and the first leave.
func follows(w *world, state *changing, expr, first, second string) {
	w.t.Helper()
	is := func(name string, want float64) func() bool {
		return func() bool { v, ok := w.value(fmt.Sprintf(expr, name)); return ok && v == want }
	}
	w.until("the first", is("web1", 1))
	state.set(map[string]string{"web1": first, "web2": second})
	w.until("the second", is("web2", 2))
	state.set(map[string]string{"web2": second})
	w.until("the first is gone", func() bool { _, there := w.value(fmt.Sprintf(expr, "web1")); return !there && is("web2", 2)() })
}

// apiServer answers what service discovery asks the API of Kubernetes about
// the pods of a namespace: lists, watches, and watches that begin with a list
// (kubernetes.io/docs/reference/using-api/api-concepts).
func apiServer(t *testing.T, state *changing) string {
	pod := func(name, address string, version int) map[string]any {
		host, port, _ := net.SplitHostPort(address)
		n, _ := strconv.Atoi(port)
		return map[string]any{
			"apiVersion": "v1", "kind": "Pod",
			"metadata": map[string]any{"name": name, "namespace": "shop", "uid": name + "-uid", "resourceVersion": strconv.Itoa(version), "labels": map[string]string{"app": "web"}},
			"spec":     map[string]any{"nodeName": "node1", "containers": []any{map[string]any{"name": "main", "image": "web", "ports": []any{map[string]any{"name": "metrics", "containerPort": n, "protocol": "TCP"}}}}},
			"status":   map[string]any{"phase": "Running", "podIP": host, "hostIP": "127.0.0.1", "conditions": []any{map[string]any{"type": "Ready", "status": "True"}}},
		}
	}
	watch := func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Type", "application/json")
		send := func(kind string, object any) {
			_ = json.NewEncoder(w).Encode(map[string]any{"type": kind, "object": object})
			w.(http.Flusher).Flush()
		}
		version, known, _ := state.look()
		from, _ := strconv.Atoi(r.URL.Query().Get("resourceVersion"))
		if r.URL.Query().Get("sendInitialEvents") == "true" {
			for name, address := range known {
				send("ADDED", pod(name, address, version))
			}
			send("BOOKMARK", map[string]any{"apiVersion": "v1", "kind": "Pod", "metadata": map[string]any{"resourceVersion": strconv.Itoa(version), "annotations": map[string]string{"k8s.io/initial-events-end": "true"}}})
		} else if from < version { // what happened in between is no longer known
			send("ERROR", map[string]any{"apiVersion": "v1", "kind": "Status", "status": "Failure", "reason": "Expired", "code": http.StatusGone, "message": "too old resource version"})
			return
		}
		w.(http.Flusher).Flush()
		for {
			at, peers := state.after(r.Context(), version)
			if r.Context().Err() != nil {
				return
			}
			for name, address := range peers {
				if known[name] == "" {
					send("ADDED", pod(name, address, at))
				}
			}
			for name, address := range known {
				if peers[name] == "" {
					send("DELETED", pod(name, address, at))
				}
			}
			version, known = at, peers
		}
	}
	mux := http.NewServeMux()
	mux.HandleFunc("GET /api/v1/namespaces/shop/pods", func(w http.ResponseWriter, r *http.Request) {
		if q := r.URL.Query().Get("watch"); q == "true" || q == "1" {
			watch(w, r)
			return
		}
		version, peers, _ := state.look()
		items := []any{}
		for name, address := range peers {
			items = append(items, pod(name, address, version))
		}
		answer(w, map[string]any{"apiVersion": "v1", "kind": "PodList", "metadata": map[string]any{"resourceVersion": strconv.Itoa(version)}, "items": items})
	})
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Header.Get("Authorization") != "Bearer open" {
			w.WriteHeader(http.StatusUnauthorized)
			answer(w, map[string]any{"apiVersion": "v1", "kind": "Status", "status": "Failure", "reason": "Unauthorized", "code": http.StatusUnauthorized})
			return
		}
		mux.ServeHTTP(w, r)
	}))
	t.Cleanup(func() {
		server.CloseClientConnections()
		server.Close()
	})
	return server.URL
}

func TestKubernetesTellsWhatIsScraped(t *testing.T) {
	t.Parallel()
	first, _ := exporter(t, says("found 1\n"))
	second, _ := exporter(t, says("found 2\n"))
	state := newChanging(map[string]string{"web1": first})
	server := apiServer(t, state)
	w := newWorld(t, sqldbtest.SQLite(t))
	w.start()
	w.put("pods", `{"kubernetes_sd_configs":[{"api_server":"`+server+`","role":"pod","namespaces":{"names":["shop"]},"authorization":{"credentials":"secret:door"}}],
		"relabel_configs":[{"source_labels":["__meta_kubernetes_pod_name"],"target_label":"pod"},{"source_labels":["__meta_kubernetes_pod_label_app"],"target_label":"app"},
			{"source_labels":["__meta_kubernetes_pod_container_port_name"],"regex":"metrics","action":"keep"}]}`)
	follows(w, state, `found{pod="%s",app="web"}`, first, second)
}

// A server of discovery that refuses tells nothing, and holds up nothing else.
func TestADiscoveryThatIsRefusedHoldsUpNoOther(t *testing.T) {
	t.Parallel()
	good, _ := exporter(t, says("fine 1\n"))
	closed := newChanging(map[string]string{"web1": good})
	agent, server := consulAgent(t, closed), apiServer(t, closed)
	w := newWorld(t, sqldbtest.SQLite(t))
	w.start()
	w.put("consul", `{"consul_sd_configs":[{"server":"`+agent+`","services":["shop"]}]}`)
	w.put("pods", `{"kubernetes_sd_configs":[{"api_server":"`+server+`","role":"pod","namespaces":{"names":["shop"]}}]}`)
	w.put("good", `{"static_configs":[{"targets":["`+good+`"]}]}`)
	w.until("the good one", func() bool { v, ok := w.value(`fine{job="good"}`); return ok && v == 1 })
	for address, target := range w.targets() {
		if target.Scrape != "good" && target.Health == "up" {
			t.Errorf("%s was found where nothing may be asked", address)
		}
	}
}
