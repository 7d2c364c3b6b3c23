package main

import (
	"bytes"
	"encoding/json"
	"io"
	"net/http"
	"net/http/httputil"
	"net/url"
	"os"
	"strconv"
	"strings"
)

// front serves the Alertmanager API of the installation where an Alertmanager
// would have it.
type front struct {
	o       options
	in      *installation
	cluster *cluster
}

func (f *front) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	path, ok := strings.CutPrefix(r.URL.Path, f.o.prefix)
	if !ok {
		http.NotFound(w, r)
		return
	}
	if r.Method == http.MethodPost && path == "/-/reload" {
		if err := f.in.reload(r.Context()); err != nil {
			http.Error(w, err.Error(), http.StatusInternalServerError)
		}
		return
	}
	target, err := url.Parse(f.in.url)
	if err != nil {
		http.Error(w, err.Error(), http.StatusInternalServerError)
		return
	}
	proxy := httputil.ReverseProxy{
		Rewrite: func(p *httputil.ProxyRequest) {
			p.SetURL(target)
			p.Out.URL.Path, p.Out.URL.RawPath = "/alertmanager"+path, ""
			p.Out.Header.Set("Authorization", "Bearer "+f.in.token)
		},
		ModifyResponse: func(answer *http.Response) error {
			if path != "/api/v2/status" || answer.StatusCode != http.StatusOK {
				return nil
			}
			return f.withPeers(answer)
		},
	}
	proxy.ServeHTTP(w, r)
}

// withPeers puts the members of the cluster into a status: they are this
// program's to know, an installation has no addresses for gossip.
func (f *front) withPeers(answer *http.Response) error {
	var status map[string]any
	if err := json.NewDecoder(answer.Body).Decode(&status); err != nil {
		return err
	}
	answer.Body.Close()
	peers, err := f.cluster.members()
	if err != nil {
		return err
	}
	list := make([]map[string]string, 0, len(peers))
	for _, address := range peers {
		list = append(list, map[string]string{"name": address, "address": address})
	}
	status["cluster"] = map[string]any{"name": f.cluster.address, "status": "ready", "peers": list}
	if version := os.Getenv("ALERTMANAGER_VERSION"); version != "" { // amtool warns when it is not its own
		if info, ok := status["versionInfo"].(map[string]any); ok {
			info["version"] = version
		}
	}
	text, err := json.Marshal(status)
	if err != nil {
		return err
	}
	answer.Body = io.NopCloser(bytes.NewReader(text))
	answer.ContentLength = int64(len(text))
	answer.Header.Set("Content-Length", strconv.Itoa(len(text)))
	return nil
}
