package agent

import (
	"bytes"
	"context"
	"crypto/tls"
	"crypto/x509"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"runtime"
	"strings"
	"time"

	"mainstay/internal/core"
	"mainstay/internal/platform/agents/protocol"
	"mainstay/internal/platform/version"
)

// errUnreachable says that enrolment may succeed later.
var errUnreachable = errors.New("the server cannot be reached")

// enrolOnce makes sure of an identity. known is false, with errUnreachable,
// when the server has to be asked again. An agent that has an identity and a
// token asks too: it may have been removed from the server. When that does
// not help, the identity it has must do.
func (a *Component) enrolOnce(ctx context.Context) (known bool, err error) {
	has := a.deps.Enrol == nil && a.identity.Agent != "" && a.identity.Server == a.cfg.Server
	if has && a.cfg.Name != "" && a.cfg.Name != a.identity.Name {
		a.log.Warn("the agent was enrolled under another name and keeps it: names are changed at the server", "name", a.identity.Name, "wished", a.cfg.Name)
	}
	if has && a.cfg.Token == "" {
		return true, nil
	}
	if a.deps.Enrol == nil && a.cfg.Token == "" {
		return false, core.Errorf(core.CodeUnauthenticated, "this host is not enrolled with %s: an enrolment token is needed", a.cfg.Server)
	}
	request := a.enrolRequest()
	var reply protocol.EnrolReply
	if a.deps.Enrol != nil {
		reply, err = a.deps.Enrol(ctx, request)
	} else {
		reply, err = a.postEnrolment(ctx, request)
	}
	if err != nil && has {
		a.log.Debug("the enrolment token was of no use; going on as before", "agent", a.identity.Agent, "error", err)
		return true, nil
	}
	if err != nil {
		return false, err
	}
	id := identity{Agent: reply.Agent, Name: reply.Name, Server: a.cfg.Server}
	data, err := json.Marshal(id)
	if err != nil {
		return false, err
	}
	if err := writeSecret(a.identityPath(), data); err != nil {
		return false, err
	}
	a.mu.Lock()
	a.identity = id
	a.mu.Unlock()
	a.log.Info("enrolled", "agent", id.Agent, "name", id.Name)
	return true, nil
}

func (a *Component) enrolRequest() protocol.EnrolRequest {
	hostname, _ := os.Hostname()
	return protocol.EnrolRequest{Token: a.cfg.Token, Key: a.keys.public, Name: a.cfg.Name, Hostname: hostname,
		OS: runtime.GOOS, Arch: runtime.GOARCH, Version: version.String()}
}

// enrolLater tries until it succeeds, is refused, or the agent stops.
func (a *Component) enrolLater(ctx context.Context) {
	for delay := time.Second; ; delay = min(2*delay, time.Minute) {
		if !a.pause(ctx, delay) {
			return
		}
		known, err := a.enrolOnce(ctx)
		switch {
		case known:
			if err := a.begin(ctx); err != nil {
				a.log.Error("the agent cannot work", "error", err)
			}
			return
		case !errors.Is(err, errUnreachable):
			a.log.Error("the server refuses this host", "error", err)
			return
		}
	}
}

// pause waits, and says whether the agent still runs.
func (a *Component) pause(ctx context.Context, d time.Duration) bool {
	timer := a.deps.Clock.NewTimer(d)
	defer timer.Stop()
	select {
	case <-ctx.Done():
		return false
	case <-timer.C():
		return true
	}
}

func (a *Component) tlsConfig() (*tls.Config, error) {
	c := &tls.Config{MinVersion: tls.VersionTLS12}
	if a.cfg.Authority == "" {
		return c, nil
	}
	pem, err := os.ReadFile(a.cfg.Authority)
	if err != nil {
		return nil, err
	}
	if c.RootCAs, err = x509.SystemCertPool(); err != nil {
		c.RootCAs = x509.NewCertPool()
	}
	if !c.RootCAs.AppendCertsFromPEM(pem) {
		return nil, core.Invalid("agent.authority", "holds no certificate")
	}
	return c, nil
}

func (a *Component) postEnrolment(ctx context.Context, request protocol.EnrolRequest) (protocol.EnrolReply, error) {
	var reply protocol.EnrolReply
	config, err := a.tlsConfig()
	if err != nil {
		return reply, err
	}
	body, err := json.Marshal(request)
	if err != nil {
		return reply, err
	}
	ctx, cancel := context.WithTimeout(ctx, 30*time.Second)
	defer cancel()
	post, err := http.NewRequestWithContext(ctx, http.MethodPost, strings.TrimRight(a.cfg.Server, "/")+"/api/v1/agents/enrol", bytes.NewReader(body))
	if err != nil {
		return reply, err
	}
	post.Header.Set("Content-Type", "application/json")
	transport := &http.Transport{TLSClientConfig: config, Proxy: http.ProxyFromEnvironment, DisableKeepAlives: true}
	// A redirect would carry the token to where it was not meant to go.
	client := &http.Client{Transport: transport, CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
	response, err := client.Do(post)
	if err != nil {
		return reply, fmt.Errorf("%w: %w", errUnreachable, err)
	}
	defer response.Body.Close()
	answer, err := io.ReadAll(io.LimitReader(response.Body, 1<<20))
	if err != nil {
		return reply, fmt.Errorf("%w: %w", errUnreachable, err)
	}
	return reply, readEnrolment(response, answer, &reply)
}

// readEnrolment reads the identity, or the problem (RFC 9457).
func readEnrolment(response *http.Response, answer []byte, reply *protocol.EnrolReply) error {
	switch {
	case response.StatusCode/100 == 2:
		if err := json.Unmarshal(answer, reply); err != nil || !core.ValidID(reply.Agent) {
			return core.Errorf(core.CodeMalformed, "%s did not answer like Mainstay", response.Request.URL)
		}
		return nil
	case response.StatusCode == http.StatusTooManyRequests || response.StatusCode >= 500:
		return fmt.Errorf("%w: status %d", errUnreachable, response.StatusCode)
	}
	var problem struct {
		Title  string `json:"title"`
		Detail string `json:"detail"`
	}
	_ = json.Unmarshal(answer, &problem)
	if problem.Detail == "" {
		problem.Detail = problem.Title
	}
	return core.Errorf(core.CodeForbidden, "the server answered %d: %s", response.StatusCode, problem.Detail)
}
