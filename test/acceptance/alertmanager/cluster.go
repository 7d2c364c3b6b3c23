package main

import (
	"bytes"
	"context"
	"crypto/rand"
	"database/sql"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"net"
	"net/http"
	"net/url"
	"os"
	"sync"
	"time"

	_ "github.com/jackc/pgx/v5/stdlib" // the driver "pgx"
)

// cluster is the members that were started to work together. The first keeps
// the list; the others ask it.
type cluster struct {
	address string // of this member
	keeper  string // the first member's address; empty: this one
	shared  shared

	mu   sync.Mutex
	list []string
}

// shared is what members have in common.
type shared struct {
	DSN   string // the database of all; empty: there is one installation
	Key   string // that seals their secrets
	URL   string
	Token string
}

func (c *cluster) first() bool { return c.keeper == "" }

// join makes this process a member of the cluster of its peers, or the first one of its own.
func join(ctx context.Context, peers []string) (*cluster, error) {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return nil, err
	}
	c := &cluster{address: listener.Addr().String()}
	c.list = []string{c.address}
	if len(peers) > 0 {
		c.keeper = peers[0]
		body, err := json.Marshal(c.address)
		if err != nil {
			return nil, err
		}
		answer, err := http.Post("http://"+c.keeper+"/join", "application/json", bytes.NewReader(body))
		if err != nil {
			return nil, fmt.Errorf("peer %s: %w", c.keeper, err)
		}
		defer answer.Body.Close()
		return c, json.NewDecoder(answer.Body).Decode(&c.shared)
	}
	if server := os.Getenv("MAINSTAY_ACCEPTANCE_POSTGRES"); server != "" {
		if c.shared.DSN, err = database(ctx, server); err != nil {
			return nil, err
		}
		key := make([]byte, 32)
		rand.Read(key)
		c.shared.Key = base64.StdEncoding.EncodeToString(key)
	}
	mux := http.NewServeMux()
	mux.HandleFunc("POST /join", func(w http.ResponseWriter, r *http.Request) {
		var address string
		if err := json.NewDecoder(r.Body).Decode(&address); err != nil {
			http.Error(w, err.Error(), http.StatusBadRequest)
			return
		}
		c.mu.Lock()
		c.list = append(c.list, address)
		c.mu.Unlock()
		json.NewEncoder(w).Encode(c.shared)
	})
	mux.HandleFunc("GET /members", func(w http.ResponseWriter, _ *http.Request) {
		c.mu.Lock()
		defer c.mu.Unlock()
		json.NewEncoder(w).Encode(c.list)
	})
	go (&http.Server{Handler: mux, ReadHeaderTimeout: 10 * time.Second}).Serve(listener)
	return c, nil
}

func (c *cluster) members() (list []string, err error) {
	if c.first() {
		c.mu.Lock()
		defer c.mu.Unlock()
		return append(list, c.list...), nil
	}
	answer, err := http.Get("http://" + c.keeper + "/members")
	if err != nil {
		return nil, err
	}
	defer answer.Body.Close()
	return list, json.NewDecoder(answer.Body).Decode(&list)
}

// database makes a database for one cluster.
func database(ctx context.Context, server string) (string, error) {
	db, err := sql.Open("pgx", server)
	if err != nil {
		return "", err
	}
	defer db.Close()
	name := fmt.Sprintf("acceptance_%d_%d", os.Getpid(), time.Now().UnixNano())
	if _, err := db.ExecContext(ctx, "CREATE DATABASE "+name); err != nil {
		return "", err
	}
	u, err := url.Parse(server)
	if err != nil {
		return "", err
	}
	u.Path = "/" + name
	return u.String(), nil
}
