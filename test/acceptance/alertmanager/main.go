// Command alertmanager stands in for Prometheus's Alertmanager where its own
// acceptance tests start one: it takes that program's flags, runs an
// installation of Mainstay in the storage directory, applies the configuration
// file to it, and serves its Alertmanager API on the address that was asked
// for, without credentials.
//
// The program it runs is named by MAINSTAY, bin/mainstay otherwise. Members of
// a cluster are replicas on one PostgreSQL database when
// MAINSTAY_ACCEPTANCE_POSTGRES names a server, and one installation with
// several addresses otherwise.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"os/signal"
	"strings"
	"syscall"
	"time"
)

// options are Alertmanager's flags, as far as they mean something here.
type options struct {
	config, storage, listen, prefix string
	features                        string
	peers                           []string
	startDelay                      time.Duration
}

func read(args []string) (options, error) {
	o := options{}
	flags := flag.NewFlagSet("alertmanager", flag.ContinueOnError)
	flags.SetOutput(io.Discard)
	flags.StringVar(&o.config, "config.file", "alertmanager.yml", "")
	flags.StringVar(&o.storage, "storage.path", "data/", "")
	flags.StringVar(&o.listen, "web.listen-address", ":9093", "")
	flags.StringVar(&o.prefix, "web.route-prefix", "", "")
	flags.StringVar(&o.features, "enable-feature", "", "")
	flags.DurationVar(&o.startDelay, "dispatch.start-delay", 0, "")
	flags.Func("cluster.peer", "", func(peer string) error {
		o.peers = append(o.peers, peer)
		return nil
	})
	for _, ignored := range []string{"log.level", "cluster.listen-address", "cluster.settle-timeout", "cluster.peer-timeout", "cluster.gossip-interval", "cluster.pushpull-interval"} {
		flags.String(ignored, "", "")
	}
	if err := flags.Parse(args); err != nil {
		return o, err
	}
	o.prefix = strings.TrimSuffix(o.prefix, "/")
	return o, nil
}

func main() {
	if err := run(); err != nil {
		fmt.Fprintln(os.Stderr, "alertmanager:", err)
		os.Exit(1)
	}
}

func run() error {
	o, err := read(os.Args[1:])
	if err != nil {
		return err
	}
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	hup := make(chan os.Signal, 1)
	signal.Notify(hup, syscall.SIGHUP)
	listener, err := net.Listen("tcp", o.listen)
	if err != nil {
		return err
	}
	c, err := join(ctx, o.peers)
	if err != nil {
		return err
	}
	in, err := start(ctx, o, c)
	if err != nil {
		return err
	}
	defer in.stop()
	server := &http.Server{Handler: &front{o: o, in: in, cluster: c}, ReadHeaderTimeout: 10 * time.Second}
	go server.Serve(listener)
	defer server.Close()
	fmt.Fprintf(os.Stderr, "level=INFO msg=\"Listening on\" address=%s\n", listener.Addr())
	for {
		select {
		case <-hup:
			if err := in.reload(ctx); err != nil {
				fmt.Fprintln(os.Stderr, "alertmanager: the configuration was not loaded:", err)
			}
		case err := <-in.ended:
			if ctx.Err() == nil {
				return fmt.Errorf("the installation ended: %w", errors.Join(err, errors.New("see its log above")))
			}
			return nil
		case <-ctx.Done():
			return nil
		}
	}
}
