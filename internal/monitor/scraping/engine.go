package scraping

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/url"
	"sync"

	"github.com/prometheus/client_golang/prometheus"
	promconfig "github.com/prometheus/common/config"
	"github.com/prometheus/common/model"
	"github.com/prometheus/prometheus/config"
	"github.com/prometheus/prometheus/discovery"
	"github.com/prometheus/prometheus/discovery/consul"
	"github.com/prometheus/prometheus/discovery/kubernetes"
	"github.com/prometheus/prometheus/scrape"

	"mainstay/internal/core"
)

// source names what is scraped in the metric store's own figures.
const source = "scrape"

// engine discovers and scrapes for as long as this process leads.
type engine struct {
	c         *Component
	discovery *discovery.Manager
	scrape    *scrape.Manager
	cancel    context.CancelFunc // ends discovery
	shown     *shown

	loading  sync.Mutex // one load at a time
	mu       sync.Mutex
	teams    map[string]string // of loaded documents, by name
	problems map[string]string // of documents that are not loaded, by name
}

func newEngine(c *Component) (*engine, error) {
	registry := prometheus.NewRegistry()
	metrics, err := discovery.CreateAndRegisterSDMetrics(registry)
	if err != nil {
		return nil, err
	}
	ctx, cancel := context.WithCancel(context.Background())
	dial := promconfig.WithDialContextFunc(c.deps.Dial)
	log := c.deps.Log.With("part", "scraping")
	e := &engine{c: c, cancel: cancel, teams: map[string]string{}, problems: map[string]string{}}
	e.shown = newShown(e)
	e.discovery = discovery.NewManager(ctx, log, registry, metrics, discovery.Updatert(c.cfg.Settle), discovery.HTTPClientOptions(dial))
	if e.discovery == nil {
		cancel()
		return nil, fmt.Errorf("service discovery cannot be made")
	}
	e.scrape, err = scrape.NewManager(&scrape.Options{
		DiscoveryReloadInterval: model.Duration(c.cfg.Settle), DiscoveryReloadOnStartup: true, AppendMetadata: true, EnableZstdScrape: true,
		HTTPClientOptions: []promconfig.HTTPClientOption{dial},
	}, log, nil, nil, c.deps.Metrics.Appendable(source), registry)
	if err != nil {
		cancel()
		return nil, err
	}
	return e, nil
}

// load reads every document and applies those that can be, unless ctx, that of
// run, has ended.
func (e *engine) load(ctx context.Context) error {
	e.loading.Lock()
	defer e.loading.Unlock()
	if err := ctx.Err(); err != nil {
		return err
	}
	list, err := e.c.store.scrapes(ctx, e.c.deps.DB, "NOT disabled")
	if err != nil {
		return err
	}
	all, err := config.Load("", e.c.deps.Log) // only what was loaded is taken
	if err != nil {
		return err
	}
	all.GlobalConfig = e.c.cfg.global()
	found := map[string]discovery.Configs{}
	teams, problems := map[string]string{}, map[string]string{}
	for _, sc := range list {
		cfg, err := e.prepare(ctx, sc)
		teams[sc.Name] = sc.Spec.Team
		if err != nil {
			e.c.deps.Log.Warn("scraping: a document is not loaded", "scrape", sc.Name, "error", err)
			problems[sc.Name] = told(err)
			continue
		}
		all.ScrapeConfigs = append(all.ScrapeConfigs, cfg)
		found[sc.Name] = cfg.ServiceDiscoveryConfigs
	}
	e.mu.Lock()
	e.teams, e.problems = teams, problems
	e.mu.Unlock()
	if err := e.scrape.ApplyConfig(all); err != nil {
		e.c.deps.Log.Error("scraping: not every document could be applied", "error", err)
	}
	return e.discovery.ApplyConfig(found)
}

// prepare makes a document ready: its secrets revealed, what it aims at allowed.
func (e *engine) prepare(ctx context.Context, sc *Scrape) (*config.ScrapeConfig, error) {
	spec := sc.Spec
	plain, err := revealed(ctx, spec.Config, func(ctx context.Context, reference string) (string, error) {
		if e.c.deps.Secrets == nil {
			return "", core.Errorf(core.CodeUnavailable, "there is no store of secrets")
		}
		return e.c.deps.Secrets.Reveal(ctx, reference, core.Ref{Kind: "scrape", ID: sc.ID}, spec.Team)
	})
	if err != nil {
		return nil, err
	}
	spec.Config = plain
	cfg, err := spec.config(sc.Name, e.c.cfg)
	if err != nil {
		return nil, err
	}
	return cfg, e.aims(ctx, cfg)
}

// aims checks the servers of discoveries that bring their own HTTP client, which
// the guarded dialer cannot be given to.
func (e *engine) aims(ctx context.Context, cfg *config.ScrapeConfig) error {
	if e.c.deps.Allowed == nil {
		return nil
	}
	for _, d := range cfg.ServiceDiscoveryConfigs {
		host := ""
		switch d := d.(type) {
		case *consul.SDConfig:
			if host, _, _ = net.SplitHostPort(d.Server); host == "" {
				host = d.Server
			}
		case *kubernetes.SDConfig:
			if d.APIServer.URL != nil {
				host = d.APIServer.URL.Hostname()
			}
		}
		if u, err := url.Parse(host); err == nil && u.Host != "" {
			host = u.Hostname()
		}
		if host == "" {
			continue
		}
		if err := e.c.deps.Allowed(ctx, host); err != nil {
			return err
		}
	}
	return nil
}

// run scrapes until ctx ends.
func (e *engine) run(ctx context.Context) {
	var running sync.WaitGroup
	running.Go(func() { _ = e.discovery.Run() })
	running.Go(func() { _ = e.scrape.Run(e.discovery.SyncCh()) })
	running.Go(func() { e.shown.run(ctx) })
	running.Go(func() { e.measureItself(ctx) })
	<-ctx.Done()
	e.end()
	e.scrape.Stop()
	running.Wait()
}

// end stops discovery. A load under way ends first: applied to a discovery that
// is stopping it would start a provider that has not returned yet once more.
func (e *engine) end() {
	e.loading.Lock()
	defer e.loading.Unlock()
	e.cancel()
}

// told is an error in words for the page.
func told(err error) string {
	text := err.Error()
	var e *core.Error
	if errors.As(err, &e) && len(e.Details) > 0 {
		text = e.Details[0].Field + " " + e.Details[0].Rule
	}
	if len(text) > maxText {
		text = text[:maxText]
	}
	return text
}

// maxText bounds an error that is shown.
const maxText = 1000
