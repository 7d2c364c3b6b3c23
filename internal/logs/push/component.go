package push

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"net/netip"
	"os"
	"sync"

	"mainstay/internal/core"
	"mainstay/internal/platform/httpapi"
	"mainstay/internal/platform/logstore"
	"mainstay/internal/platform/receivers"
)

// Store takes records; they are durable when Write returns.
type Store interface {
	Write(ctx context.Context, records []logstore.Record) (refused int, err error)
}

// Items finds the item of a sender by attributes of OpenTelemetry's resource
// (host.name, host.ip); "" when there is none.
type Items interface {
	ItemOf(ctx context.Context, attributes map[string]string) string
}

// Dependencies of the component; Log may be nil.
type Dependencies struct {
	Logs      Store
	Items     Items
	Receivers *receivers.Registry
	Clock     core.Clock
	Log       *slog.Logger
	MaxBody   int64 // bytes of one request after decompression
}

// Component is the routes, the listeners and their meters.
type Component struct {
	cfg        Configuration
	deps       Dependencies
	routes     []route
	insistence receivers.Insistence // stores what senders bring who can wait

	hostname string
	udp      *net.UDPConn
	gelfTCP  net.Listener
	forward  net.Listener
	meters   []*receivers.Meter // of the listeners
	stop     context.CancelFunc
	done     sync.WaitGroup
}

// route is one protocol's way in.
type route struct {
	pattern string
	about   receivers.About
	serve   func(w http.ResponseWriter, r *http.Request, m *receivers.Meter)
	meter   *receivers.Meter
}

// New checks its arguments and does nothing else.
func New(cfg Configuration, deps Dependencies) (*Component, error) {
	if err := cfg.Validate(); err != nil {
		return nil, err
	}
	if deps.Logs == nil || deps.Items == nil || deps.Receivers == nil || deps.Clock == nil || deps.MaxBody <= 0 {
		return nil, core.Errorf(core.CodeInternal, "push: Logs, Items, Receivers, Clock and MaxBody are needed")
	}
	if deps.Log == nil {
		deps.Log = slog.New(slog.DiscardHandler)
	}
	c := &Component{cfg: cfg, deps: deps, insistence: receivers.Insistence{Clock: deps.Clock, Log: deps.Log}}
	c.hostname, _ = os.Hostname()
	about := func(name, protocol, address string) receivers.About {
		return receivers.About{Name: name, Protocol: protocol, Address: address, Feeds: "logs"}
	}
	loki, bulk, hec := about("loki", "Loki push", "/loki/api/v1/push"), about("elasticsearch", "Elasticsearch bulk", "/elasticsearch/_bulk"), about("splunk-hec", "Splunk HTTP Event Collector", "/services/collector")
	c.routes = []route{
		{pattern: "POST /loki/api/v1/push", about: loki, serve: c.serveLoki},
		{pattern: "POST /elasticsearch/_bulk", about: bulk, serve: c.serveBulk},
		{pattern: "PUT /elasticsearch/_bulk", about: bulk, serve: c.serveBulk},
		{pattern: "POST /elasticsearch/{index}/_bulk", about: bulk, serve: c.serveBulk},
		{pattern: "PUT /elasticsearch/{index}/_bulk", about: bulk, serve: c.serveBulk},
		{pattern: "POST /_bulk", about: bulk, serve: c.serveBulk}, // rsyslog knows no path before it
		{pattern: "POST /gelf", about: about("gelf", "GELF over HTTP", "/gelf"), serve: c.serveGELF},
		{pattern: "POST /services/collector", about: hec, serve: c.serveHEC},
		{pattern: "POST /services/collector/event", about: hec, serve: c.serveHEC},
		{pattern: "POST /services/collector/event/1.0", about: hec, serve: c.serveHEC},
		{pattern: "POST /services/collector/raw", about: hec, serve: c.serveHECRaw},
		{pattern: "POST /journal/upload", about: about("journal", "systemd-journal-upload", "/journal/upload"), serve: c.serveJournal},
	}
	return c, nil
}

// Routes registers the ways in.
func (c *Component) Routes(api *httpapi.API) {
	for i := range c.routes {
		r := &c.routes[i]
		api.Mount(r.pattern, "logs:write", http.HandlerFunc(func(w http.ResponseWriter, request *http.Request) { r.serve(w, request, r.meter) }))
	}
	api.Mount("GET /elasticsearch/", "logs:write", http.HandlerFunc(serveElasticsearchInfo))
	api.Mount("GET /services/collector/health", "logs:write", http.HandlerFunc(serveHECHealth))
}

// Start puts the ways in on the list of receivers.
func (c *Component) Start(context.Context) error {
	meters := map[string]*receivers.Meter{}
	for i := range c.routes {
		r := &c.routes[i]
		if meters[r.about.Name] == nil {
			meters[r.about.Name] = c.deps.Receivers.Add(r.about)
		}
		r.meter = meters[r.about.Name]
	}
	ctx, cancel := context.WithCancel(context.Background())
	c.stop = cancel
	for _, listen := range []func(context.Context) error{c.listenGELFUDP, c.listenGELFTCP, c.listenForward} {
		if err := listen(ctx); err != nil {
			return errors.Join(fmt.Errorf("logs over sockets: %w", err), c.Stop(context.Background()))
		}
	}
	return nil
}

type serve func(ctx context.Context, conn net.Conn, from netip.Addr, m *receivers.Meter)

func (c *Component) listenTCP(ctx context.Context, place *net.Listener, address string, about receivers.About, certificate, key, clientCA string, serve serve) error {
	if address == "" {
		return nil
	}
	secure, err := receivers.TLSOf(certificate, key, clientCA)
	if err != nil {
		return err
	}
	listener, err := net.Listen("tcp", address)
	if err != nil {
		return err
	}
	*place = listener
	if secure != nil {
		about.Protocol += ", TLS"
	}
	meter := c.meter(about.Name, about.Protocol, listener.Addr())
	streams := &receivers.Streams{Listener: listener, TLS: secure, Most: c.cfg.MaxConnections, Meter: meter, Clock: c.deps.Clock,
		Serve: func(ctx context.Context, conn net.Conn, from netip.Addr) { serve(ctx, conn, from, meter) }}
	c.done.Go(func() { streams.Run(ctx) })
	return nil
}

func (c *Component) meter(name, protocol string, at net.Addr) *receivers.Meter {
	m := c.deps.Receivers.Add(receivers.About{Name: name, Protocol: protocol, Address: at.String(), Feeds: "logs"})
	c.meters = append(c.meters, m)
	c.deps.Log.Info("logs are received", "by", protocol, "address", at.String())
	return m
}

// Stop listens no more, tells senders, and stores what they have sent until
// then, for as long as that takes a moment.
func (c *Component) Stop(context.Context) error {
	if c.stop == nil {
		return nil
	}
	var err error
	if c.udp != nil {
		err = c.udp.Close()
	}
	c.stop() // the streams close their listeners when nobody waits there
	c.done.Wait()
	for _, r := range c.routes {
		if r.meter != nil {
			r.meter.Close()
		}
	}
	for _, m := range c.meters {
		m.Close()
	}
	c.stop, c.meters = nil, nil
	return err
}

// Addresses are where GELF over UDP and TCP and Fluent's forward protocol are
// received, once started; nil: nowhere.
func (c *Component) Addresses() (gelfUDP, gelfTCP, forward net.Addr) {
	if c.udp != nil {
		gelfUDP = c.udp.LocalAddr()
	}
	if c.gelfTCP != nil {
		gelfTCP = c.gelfTCP.Addr()
	}
	if c.forward != nil {
		forward = c.forward.Addr()
	}
	return gelfUDP, gelfTCP, forward
}

// store writes entries and counts them. An error is one that the sender may retry.
func (c *Component) store(ctx context.Context, m *receivers.Meter, entries []entry, size int) (refused int, err error) {
	began := c.deps.Clock.Now()
	records := c.records(ctx, entries, began)
	if len(records) == 0 {
		return 0, nil
	}
	refused, err = c.deps.Logs.Write(ctx, records)
	if err != nil {
		m.Refused(len(records), err.Error())
		return 0, err
	}
	m.Took(len(records)-refused, size)
	if refused > 0 {
		m.Refused(refused, "older than the retention, or too far in the future")
	}
	m.Stored(c.deps.Clock.Now().Sub(began))
	return refused, nil
}

// unreadable refuses a body in the words of HTTP.
func unreadable(w http.ResponseWriter, m *receivers.Meter, err error) {
	m.Refused(1, err.Error())
	http.Error(w, err.Error(), statusOf(err))
}

func statusOf(err error) int {
	switch core.CodeOf(err) {
	case core.CodeTooLarge:
		return http.StatusRequestEntityTooLarge
	case core.CodeMalformed, core.CodeInvalid:
		return http.StatusBadRequest
	}
	return http.StatusServiceUnavailable
}
