package traps_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"

	"mainstay/internal/core"
	"mainstay/internal/events/traps"
	"mainstay/internal/platform/auth"
	"mainstay/internal/platform/ledger"
	"mainstay/internal/platform/logstore"
	"mainstay/internal/platform/receivers"
	"mainstay/internal/platform/sqldb"
	"mainstay/internal/platform/sqldb/sqldbtest"
	"mainstay/test/peers"
)

func TestMain(m *testing.M) { sqldbtest.Main(m) }

// taker keeps events and records, and knows the item of one address.
type taker struct {
	mu      sync.Mutex
	events  []core.Event
	records []logstore.Record
	err     error
	came    chan struct{}
}

func (k *taker) Accept(_ context.Context, events []core.Event) error {
	k.mu.Lock()
	defer k.mu.Unlock()
	if k.err != nil {
		return k.err
	}
	k.events = append(k.events, events...)
	select {
	case k.came <- struct{}{}:
	default:
	}
	return nil
}

func (k *taker) Write(_ context.Context, records []logstore.Record) (int, error) {
	k.mu.Lock()
	defer k.mu.Unlock()
	k.records = append(k.records, records...)
	return 0, nil
}

func (k *taker) ItemOf(_ context.Context, attributes map[string]string) string {
	if attributes["host.ip"] == "192.0.2.1" {
		return "item-of-router"
	}
	return ""
}

func (k *taker) fail(err error) {
	k.mu.Lock()
	defer k.mu.Unlock()
	k.err = err
}

// wait returns the last event once there are n.
func (k *taker) wait(t *testing.T, n int) core.Event {
	t.Helper()
	limit := time.After(30 * time.Second)
	for {
		k.mu.Lock()
		have := len(k.events)
		if have >= n {
			defer k.mu.Unlock()
			return k.events[n-1]
		}
		k.mu.Unlock()
		select {
		case <-k.came:
		case <-limit:
			t.Fatalf("%d events of %d", have, n)
		}
	}
}

type world struct {
	*traps.Component
	*taker
	db        *sqldb.DB
	receivers *receivers.Registry
	at        string
}

func start(t *testing.T, db *sqldb.DB, change func(*traps.Configuration)) *world {
	t.Helper()
	ctx := t.Context()
	if err := errors.Join(sqldb.Migrate(ctx, db, "ledger", ledger.Migrations()), sqldb.Migrate(ctx, db, "traps", traps.Migrations())); err != nil {
		t.Fatal(err)
	}
	clock := core.SystemClock{}
	ids := core.NewIDs(clock, nil)
	w := &world{taker: &taker{came: make(chan struct{}, 1)}, db: db, receivers: receivers.NewRegistry(clock)}
	cfg := traps.Defaults()
	cfg.Listen = "127.0.0.1:0"
	if change != nil {
		change(&cfg)
	}
	reveal := func(_ context.Context, reference string) (string, error) {
		switch reference {
		case "secret:auth":
			return "authpass1", nil
		case "secret:priv":
			return "privpass1", nil
		case "":
			return "", nil
		}
		return "", core.Errorf(core.CodeNotFound, "there is no secret %s", reference)
	}
	var err error
	w.Component, err = traps.New(cfg, traps.Dependencies{DB: db, Ledger: ledger.New(ledger.Configuration{}, ledger.Dependencies{DB: db, Clock: clock, IDs: ids}), Events: w.taker, Logs: w.taker, Items: w.taker,
		Receivers: w.receivers, Reveal: reveal, Node: "node1", Clock: clock, IDs: ids})
	if err != nil {
		t.Fatal(err)
	}
	if err := w.Start(ctx); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = w.Stop(context.Background()) })
	w.at = w.Address().String()
	return w
}

func (w *world) send(t *testing.T, args ...string) {
	t.Helper()
	if out, err := peers.SNMPTrap(t, args...); err != nil {
		t.Fatalf("snmptrap %v: %v: %s", args, err, out)
	}
}

const (
	linkDown = ".1.3.6.1.6.3.1.1.5.3"
	linkUp   = ".1.3.6.1.6.3.1.1.5.4"
)

// interface3 is what agents send with linkDown and linkUp (RFC 2863).
func interface3(status string) []string {
	return []string{".1.3.6.1.2.1.2.2.1.1.3", "i", "3", ".1.3.6.1.2.1.2.2.1.8.3", "i", status, ".1.3.6.1.2.1.31.1.1.1.1.3", "s", "eth2"}
}

func TestVersion1(t *testing.T) {
	t.Parallel()
	w := start(t, sqldbtest.SQLite(t), nil)
	w.send(t, append([]string{"-v", "1", "-c", "public", w.at, ".1.3.6.1.4.1.9.1.1", "192.0.2.1", "2", "0", "4711"}, interface3("2")...)...)
	e := w.wait(t, 1)
	if e.Key != "trap:192.0.2.1:link 3" || e.Severity != core.Major || e.Kind != core.Problem || e.Item != "item-of-router" || e.Title != "Interface eth2 of 192.0.2.1 is down" ||
		e.Labels["trap"] != "linkDown" || e.Labels["ifOperStatus"] != "down" || e.Source != "snmp-trap" {
		t.Errorf("%+v", e)
	}
	// A specific one of an enterprise (RFC 3584, 3.1).
	w.send(t, "-v", "1", "-c", "public", w.at, ".1.3.6.1.4.1.99999", "192.0.2.2", "6", "17", "4711", ".1.3.6.1.4.1.99999.1.1.0", "s", "fan 2")
	e = w.wait(t, 2)
	if e.Labels["oid"] != "1.3.6.1.4.1.99999.0.17" || e.Severity != core.Warning || e.Labels["1.3.6.1.4.1.99999.1.1.0"] != "fan 2" || e.Item != "" || e.Identities[0] != (core.Identity{Kind: "ip", Value: "192.0.2.2"}) {
		t.Errorf("%+v", e)
	}
}

func TestVersion2(t *testing.T) {
	t.Parallel()
	w := start(t, sqldbtest.SQLite(t), func(c *traps.Configuration) { c.Communities = []string{"secret:auth"} })
	w.send(t, append([]string{"-v", "2c", "-c", "authpass1", w.at, "4711", linkDown}, interface3("2")...)...)
	down := w.wait(t, 1)
	w.send(t, append([]string{"-v", "2c", "-c", "authpass1", w.at, "4711", linkUp}, interface3("1")...)...)
	up := w.wait(t, 2)
	if down.Key != up.Key || down.Kind != core.Problem || up.Kind != core.Cleared || up.Severity != core.Clear {
		t.Errorf("%+v is not cleared by %+v", down, up)
	}
	// Another community is refused; an inform is acknowledged.
	w.send(t, "-v", "2c", "-c", "public", w.at, "4711", linkUp)
	w.send(t, "-v", "2c", "-Ci", "-r", "0", "-t", "20", "-c", "authpass1", w.at, "4711", ".1.3.6.1.6.3.1.1.5.1")
	if e := w.wait(t, 3); e.Kind != core.Notice || e.Labels["trap"] != "coldStart" || e.Title != "127.0.0.1 started, and may have lost its configuration" {
		t.Errorf("%+v", e)
	}
	s := w.receivers.States()[0]
	if s.Taken != 3 || s.Refused != 1 || !strings.Contains(s.Trouble, "community") {
		t.Errorf("%+v", s)
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	if r := w.records[0]; len(w.records) != 3 || r.Message != "linkDown ifIndex.3=3 ifOperStatus.3=down ifName.3=eth2" || r.App != "snmp-trap" || r.Level != "error" || r.Host != "127.0.0.1" {
		t.Errorf("%+v", w.records)
	}
}

func TestVersion3(t *testing.T) {
	t.Parallel()
	users := []traps.User{{Name: "plain"}, {Name: "signed", Auth: "SHA", AuthKey: "secret:auth"}, {Name: "gone", Auth: "SHA", AuthKey: "secret:gone"}}
	for _, a := range []string{"SHA", "SHA256", "SHA512"} {
		for _, p := range []string{"AES", "AES256"} {
			users = append(users, traps.User{Name: a + p, Auth: a, AuthKey: "secret:auth", Priv: p, PrivKey: "secret:priv"})
		}
	}
	w := start(t, sqldbtest.SQLite(t), func(c *traps.Configuration) { c.Users = users })
	n := 0
	for _, inform := range []bool{false, true} {
		for _, u := range users {
			if u.Name == "gone" {
				continue
			}
			args := []string{"-v", "3", "-u", u.Name, "-l", "noAuthNoPriv"}
			if u.Auth != "" {
				args = append(args[:5], "authNoPriv", "-a", dashed(u.Auth), "-A", "authpass1")
			}
			if u.Priv != "" {
				args = append(args, "-l", "authPriv", "-x", dashed(u.Priv), "-X", "privpass1")
			}
			if inform {
				args = append(args, "-Ci", "-r", "1", "-t", "20")
			} else {
				args = append(args, "-e", fmt.Sprintf("0x80000000050102%04x", n))
			}
			w.send(t, append(append(args, w.at, "4711", linkDown), interface3("2")...)...)
			n++
			if e := w.wait(t, n); e.Labels["version"] != "3" || e.Labels["trap"] != "linkDown" || e.Labels["ifName"] != "eth2" {
				t.Errorf("%s: %+v", u.Name, e)
			}
		}
	}
	// A user with keys must use them, with the right ones; others are strangers.
	before := w.receivers.States()[0].Refused
	w.send(t, "-v", "3", "-e", "0x8000000005010299", "-u", "signed", "-l", "noAuthNoPriv", w.at, "4711", linkDown)
	w.send(t, "-v", "3", "-e", "0x8000000005010299", "-u", "signed", "-l", "authNoPriv", "-a", "SHA", "-A", "wrongpass1", w.at, "4711", linkDown)
	w.send(t, "-v", "3", "-e", "0x8000000005010299", "-u", "stranger", "-l", "noAuthNoPriv", w.at, "4711", linkDown)
	w.send(t, "-v", "2c", "-c", "any", w.at, "4711", linkUp)
	if e := w.wait(t, n+1); e.Labels["trap"] != "linkUp" {
		t.Errorf("%+v", e)
	}
	if s := w.receivers.States()[0]; s.Refused-before != 3 {
		t.Errorf("%+v", s)
	}
}

// dashed is how net-snmp writes it: SHA-256.
func dashed(protocol string) string {
	for _, family := range []string{"SHA", "AES"} {
		if rest := strings.TrimPrefix(protocol, family); rest != protocol && rest != "" {
			return family + "-" + rest
		}
	}
	return protocol
}

func TestAnInformIsAcknowledgedOnlyWhenItIsDurable(t *testing.T) {
	t.Parallel()
	w := start(t, sqldbtest.SQLite(t), nil)
	w.fail(core.Errorf(core.CodeUnavailable, "the store does not answer"))
	if out, err := peers.SNMPTrap(t, "-v", "2c", "-Ci", "-r", "0", "-t", "1", "-c", "public", w.at, "4711", linkDown); err == nil {
		t.Fatalf("it was acknowledged: %s", out)
	}
	w.fail(nil)
	if e := w.wait(t, 1); e.Labels["trap"] != "linkDown" {
		t.Errorf("%+v", e)
	}
}

func TestRulesAreDocuments(t *testing.T) {
	t.Parallel()
	for name, db := range map[string]func(testing.TB) *sqldb.DB{"sqlite": sqldbtest.SQLite, "postgresql": sqldbtest.PostgreSQL} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := start(t, db(t), nil)
			kind := w.Kinds()[0]
			ctx := auth.With(t.Context(), auth.NewPrincipal(auth.KindUser, "u1", "Maria", auth.BuiltinRoles(), auth.Grant{Role: auth.Administrator}))
			apply := func(ctx context.Context, name, spec string) (changed bool, err error) {
				err = w.db.Write(ctx, func(tx *sqldb.Tx) error {
					changed, err = kind.Apply(ctx, tx, name, json.RawMessage(spec))
					return err
				})
				return changed, err
			}
			fan := `{"trap": "1.3.6.1.4.1.99999.0.*", "where": {"1.3.6.1.4.1.99999.1.1": "fan .*"}, "severity": "critical", "key": "fan", "title": "{1.3.6.1.4.1.99999.1.1} of {from} failed"}`
			for range 2 {
				if _, err := apply(ctx, "10-fan", fan); err != nil {
					t.Fatal(err)
				}
			}
			if changed, err := apply(ctx, "10-fan", fan); changed || err != nil {
				t.Errorf("the same again: %v %v", changed, err)
			}
			if _, err := apply(ctx, "20-quiet", `{"trap": "1.3.6.1.4.1.99999.*", "action": "ignore"}`); err != nil {
				t.Fatal(err)
			}
			var coded *core.Error
			if _, err := apply(ctx, "bad", `{"trap": ".", "action": "x", "severity": "clear", "where": {"a": "("}, "key": "{a"}`); !errors.As(err, &coded) || len(coded.Details) != 5 {
				t.Errorf("%+v", coded)
			}
			nobody := auth.With(t.Context(), auth.NewPrincipal(auth.KindUser, "u2", "Nobody", auth.BuiltinRoles()))
			if _, err := apply(nobody, "30", `{"trap": "linkUp"}`); core.CodeOf(err) != core.CodeForbidden {
				t.Errorf("%v", err)
			}
			docs, err := kind.List(ctx, w.db)
			if err != nil || len(docs) != 2 || docs[0].Name != "10-fan" {
				t.Fatalf("%+v %v", docs, err)
			}
			// The rules are read again: until then the last one of all fits.
			deadline := time.Now().Add(time.Minute)
			for n := 1; ; n++ {
				w.send(t, "-v", "1", "-c", "public", w.at, ".1.3.6.1.4.1.99999", "192.0.2.1", "6", "17", "1", ".1.3.6.1.4.1.99999.1.1.0", "s", "fan 2")
				if e := w.wait(t, n); e.Severity == core.Critical {
					if e.Key != "trap:192.0.2.1:fan" || e.Title != "fan 2 of 192.0.2.1 failed" || e.Labels["rule"] != "10-fan" {
						t.Errorf("%+v", e)
					}
					w.mu.Lock()
					w.events = w.events[:1]
					w.mu.Unlock()
					break
				}
				if time.Now().After(deadline) {
					t.Fatal("the rule is not heeded")
				}
			}
			w.send(t, "-v", "1", "-c", "public", w.at, ".1.3.6.1.4.1.99999", "192.0.2.1", "6", "18", "1")
			w.send(t, "-v", "2c", "-c", "public", w.at, "1", linkDown)
			if e := w.wait(t, 2); e.Labels["trap"] != "linkDown" {
				t.Errorf("what is ignored became %+v", e)
			}
			err = w.db.Write(ctx, func(tx *sqldb.Tx) error {
				gone, err := kind.Delete(ctx, tx, "10-fan")
				if err == nil && !gone {
					t.Error("it was not there")
				}
				return err
			})
			if err != nil {
				t.Fatal(err)
			}
			if _, found, err := kind.Get(ctx, w.db, "10-fan"); found || err != nil {
				t.Errorf("%v %v", found, err)
			}
		})
	}
}

func TestConfigurationNamesItsFaults(t *testing.T) {
	t.Parallel()
	c := traps.Configuration{Listen: "162", SourceRate: -1, Users: []traps.User{{Name: "a", Auth: "SHA1", Priv: "AES"}, {Name: "a", Priv: "ROT13", PrivKey: "x"}}}
	var coded *core.Error
	if !errors.As(c.Validate(), &coded) {
		t.Fatal("it is taken")
	}
	said := map[string]bool{}
	for _, d := range coded.Details {
		said[d.Field] = true
	}
	for _, field := range []string{"listen", "sourceRate", "queue", "buffer", "users[0].auth", "users[0].authKey", "users[0].privKey", "users[1].name", "users[1].priv"} {
		if !said[field] {
			t.Errorf("%s is not named in %+v", field, coded.Details)
		}
	}
	if err := traps.Defaults().Validate(); err != nil {
		t.Error(err)
	}
}
