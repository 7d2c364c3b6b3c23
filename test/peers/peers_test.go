package peers_test

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strings"
	"syscall"
	"testing"

	"mainstay/internal/platform/sqldb"
	"mainstay/test/peers"
)

func TestPostgreSQLKeepsItsDataOverARestart(t *testing.T) {
	t.Parallel()
	server := peers.StartPostgreSQL(t)
	ctx := context.Background()
	write := func(statement string) error {
		db, err := sqldb.Open(ctx, sqldb.Config{DSN: server.DSN(), Readers: 1})
		if err != nil {
			return err
		}
		defer db.Close()
		return db.Write(ctx, func(tx *sqldb.Tx) error { _, err := tx.Exec(ctx, statement); return err })
	}
	if err := write("CREATE TABLE kept (id BIGINT)"); err != nil {
		t.Fatal(err)
	}
	pid := server.PID()
	server.Stop()
	if server.PID() != 0 || alive(pid) {
		t.Fatal("it still runs after Stop")
	}
	if err := write("INSERT INTO kept VALUES (1)"); err == nil {
		t.Fatal("it answers after Stop")
	}
	server.StartAgain()
	if err := write("INSERT INTO kept VALUES (1)"); err != nil {
		t.Fatal(err)
	}
}

func TestNginxServesAndComesBack(t *testing.T) {
	t.Parallel()
	server := peers.StartNginx(t, `location / { return 200 "here"; }`)
	get := func() (string, error) {
		response, err := http.Get(server.URL())
		if err != nil {
			return "", err
		}
		defer response.Body.Close()
		body, err := io.ReadAll(response.Body)
		return string(body), err
	}
	if body, err := get(); err != nil || body != "here" {
		t.Fatal(body, err)
	}
	pid := server.PID()
	server.Stop()
	if _, err := get(); err == nil || alive(pid) {
		t.Fatal("it answers after Stop")
	}
	server.StartAgain()
	if body, err := get(); err != nil || body != "here" {
		t.Fatal(body, err)
	}
}

func TestChromiumListens(t *testing.T) {
	t.Parallel()
	browser := peers.StartChromium(t)
	at, err := url.Parse(browser.WebSocket)
	if err != nil {
		t.Fatal(err)
	}
	response, err := http.Get(fmt.Sprintf("http://%s/json/version", at.Host))
	if err != nil {
		t.Fatal(err)
	}
	defer response.Body.Close()
	if body, _ := io.ReadAll(response.Body); !strings.Contains(string(body), "Chrome/") {
		t.Fatalf("it says %s", body)
	}
}

func alive(pid int) bool { return syscall.Kill(pid, 0) == nil }
