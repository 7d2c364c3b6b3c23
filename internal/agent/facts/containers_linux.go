package facts

import (
	"context"
	"encoding/json"
	"io"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"time"
)

// sockets of container engines that speak the API of Docker.
var engineSockets = map[string]string{"docker": "run/docker.sock", "podman": "run/podman/podman.sock"}

// containers adds running containers, when an engine can be asked.
func (c *Collector) containers(ctx context.Context, r *Report) {
	complete := true
	for engine, path := range engineSockets {
		socket := filepath.Join(c.root, path)
		if info, err := os.Stat(socket); err != nil || info.Mode()&os.ModeSocket == 0 {
			continue
		}
		list, err := askEngine(ctx, socket)
		if err != nil {
			c.log.Debug("containers", "engine", engine, "error", err)
			complete = false
			continue
		}
		for _, found := range list {
			found.add(r, engine)
		}
	}
	if complete {
		r.complete("container")
	}
}

// engineContainer is the part of an answer to GET /containers/json that matters.
type engineContainer struct {
	ID      string   `json:"Id"`
	Names   []string `json:"Names"`
	Image   string   `json:"Image"`
	ImageID string   `json:"ImageID"`
	Command string   `json:"Command"`
	State   string   `json:"State"`
}

func (e engineContainer) add(r *Report, engine string) {
	name := e.ID
	if len(e.Names) > 0 {
		name = strings.TrimPrefix(e.Names[0], "/")
	}
	if name == "" {
		return
	}
	r.part("container", name, "runs_on", map[string]any{"image": e.Image, "imageId": e.ImageID,
		"runtime": engine, "command": e.Command, "status": e.State}, Identity{"container_id", e.ID})
}

func askEngine(ctx context.Context, socket string) ([]engineContainer, error) {
	ctx, cancel := context.WithTimeout(ctx, 3*time.Second)
	defer cancel()
	transport := &http.Transport{DisableKeepAlives: true, DialContext: func(ctx context.Context, _, _ string) (net.Conn, error) {
		var d net.Dialer
		return d.DialContext(ctx, "unix", socket)
	}}
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, "http://engine/containers/json", nil)
	if err != nil {
		return nil, err
	}
	response, err := (&http.Client{Transport: transport}).Do(request)
	if err != nil {
		return nil, err
	}
	defer response.Body.Close()
	return readContainers(io.LimitReader(response.Body, 16<<20))
}

func readContainers(in io.Reader) (list []engineContainer, err error) {
	err = json.NewDecoder(in).Decode(&list)
	return list, err
}
