package push

import (
	"bufio"
	"bytes"
	"encoding/binary"
	"fmt"
	"math"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/IBM/fluent-forward-go/fluent/client"
	"github.com/IBM/fluent-forward-go/fluent/protocol"
)

// A client made by others speaks all modes to us, with acknowledgement, with
// and without the shared key.
func TestForwardClient(t *testing.T) {
	t.Parallel()
	for _, key := range []string{"", "between us"} {
		c, store, list := newSockets(t, func(cfg *Configuration) { cfg.Forward.SharedKey = key })
		_, _, address := c.Addresses()
		options := client.ConnectionOptions{Factory: &client.ConnFactory{Network: "tcp", Address: address.String()}, RequireAck: true}
		if key != "" {
			options.AuthInfo.SharedKey = []byte(key)
		}
		sender := client.New(options)
		if err := sender.Connect(); err != nil {
			t.Fatal(err)
		}
		defer sender.Disconnect()
		if key != "" {
			if err := sender.Handshake(); err != nil {
				t.Fatal(err)
			}
		}
		at := time.Unix(1772352000, 123456789).UTC()
		entries := func(name string) protocol.EntryList {
			var out protocol.EntryList
			for i := range 3 {
				out = append(out, protocol.EntryExt{Timestamp: protocol.EventTime{Time: at}, Record: map[string]any{"message": fmt.Sprintf("%s %d", name, i), "host": "db1", "level": "WARN", "n": i, "k8s": map[string]any{"pod": "p"}}})
			}
			return out
		}
		for _, err := range []error{
			sender.SendMessage("app.shop", map[string]any{"message": "single", "host": "db1"}),
			sender.SendMessageExt("app.shop", map[string]any{"log": "exact", "host": "db1"}),
			sender.SendForward("app.shop", entries("forward")),
			sender.SendPacked("app.shop", entries("packed")),
			sender.SendCompressed("app.shop", entries("compressed")),
		} {
			if err != nil { // it would have waited for the acknowledgement
				t.Fatal(err)
			}
		}
		want := []string{"compressed 0", "compressed 1", "compressed 2", "exact", "forward 0", "forward 1", "forward 2", "packed 0", "packed 1", "packed 2", "single"}
		if got := store.messages(); !slices.Equal(got, want) {
			t.Errorf("%q", got)
		}
		for _, r := range store.records {
			fields := map[string]string{}
			for _, f := range r.Fields {
				fields[f.Name] = f.Value
			}
			if r.Item != "item-of-db1" || fields["fluent.tag"] != "app.shop" || fields["network.peer.address"] != "127.0.0.1" {
				t.Errorf("%+v", r)
			}
			if strings.HasPrefix(r.Message, "packed") && (!r.Time.Equal(at) || r.Level != "warn" || fields["k8s.pod"] != "p" || fields["n"] == "") {
				t.Errorf("%+v", r)
			}
		}
		store.until(t, "the counts", func() bool { return state(list, "fluent-forward").Taken >= 11 })
		if s := state(list, "fluent-forward"); s.Taken != 11 || s.Refused != 0 {
			t.Errorf("%+v", s)
		}
	}
}

// Who does not know the key is told so and not listened to.
func TestForwardWithAnotherKey(t *testing.T) {
	t.Parallel()
	c, store, list := newSockets(t, func(cfg *Configuration) { cfg.Forward.SharedKey = "between us" })
	_, _, address := c.Addresses()
	sender := client.New(client.ConnectionOptions{Factory: &client.ConnFactory{Network: "tcp", Address: address.String()}, AuthInfo: client.AuthInfo{SharedKey: []byte("another")}})
	if err := sender.Connect(); err != nil {
		t.Fatal(err)
	}
	defer sender.Disconnect()
	if err := sender.Handshake(); err == nil {
		t.Error("let in")
	}
	conn := dial(t, address) // and who does not greet is not listened to either
	send(t, conn, []byte("\x93\xa1t\x01\x81\xa7message\xa1x"))
	in := bufio.NewReader(conn)
	for {
		if _, err := in.ReadByte(); err != nil {
			break
		}
	}
	if s := state(list, "fluent-forward"); len(store.messages()) > 0 || s.Taken > 0 || s.Trouble == "" {
		t.Errorf("%+v", s)
	}
}

// Without room in the store there is no acknowledgement.
func TestForwardAcknowledgesWhatIsDurable(t *testing.T) {
	t.Parallel()
	c, store, _ := newSockets(t, nil)
	_, _, address := c.Addresses()
	store.fill(true)
	conn := dial(t, address)
	send(t, conn, append([]byte("\xc0\x94\xa1t\x01\x81\xa7message\xa1x\x81"), packText(packText(nil, "chunk"), "c1")...))
	store.until(t, "an attempt", func() bool { return store.refused > 0 })
	answer := make(chan string, 1)
	go func() {
		got := make([]byte, len(acknowledgement("c1")))
		n, _ := bufio.NewReader(conn).Read(got)
		answer <- string(got[:n])
	}()
	select {
	case got := <-answer:
		t.Fatalf("%q although nothing is stored", got)
	case <-time.After(100 * time.Millisecond):
	}
	store.fill(false)
	select {
	case got := <-answer:
		if got != string(acknowledgement("c1")) {
			t.Errorf("%q", got)
		}
	case <-time.After(60 * time.Second):
		t.Fatal("no acknowledgement")
	}
	if got := store.messages(); !slices.Equal(got, []string{"x"}) {
		t.Errorf("%q", got)
	}
}

func TestReadForward(t *testing.T) {
	t.Parallel()
	record := map[string]any{"message": "x"}
	for _, c := range []struct {
		name    string
		message any
		entries int
		bad     int
		fails   string
	}{
		{"a message", []any{"t", int64(1), record}, 1, 0, ""},
		{"metadata", []any{"t", []any{[]any{[]any{time.Unix(1, 0), map[string]any{"a": "b"}}, record}}}, 1, 0, ""},
		{"one of three", []any{"t", []any{[]any{int64(1), record}, "x", []any{int64(1), "x"}}}, 1, 2, ""},
		{"no array", "x", 0, 0, "array of a tag"},
		{"no tag", []any{int64(1), int64(1), record}, 0, 0, "tag must be a text"},
		{"no record", []any{"t", int64(1)}, 0, 0, "a time and a record"},
		{"not packed", []any{"t", "\xc1"}, 0, 0, "begins no value"},
		{"unknown compression", []any{"t", "x", map[string]any{"compressed": "lz"}}, 0, 0, "not known"},
		{"a bomb", []any{"t", string(zipped(strings.Repeat("\xc0", 2000))), map[string]any{"compressed": "gzip"}}, 0, 0, "at most 1000"},
	} {
		f, err := readForward(c.message, 1000)
		if len(f.entries) != c.entries || f.bad != c.bad || (err == nil) != (c.fails == "") || err != nil && !strings.Contains(err.Error(), c.fails) {
			t.Errorf("%s: %+v %v", c.name, f, err)
		}
	}
}

func TestUnpack(t *testing.T) {
	t.Parallel()
	u32 := func(kind byte, n uint32) string { return string(binary.BigEndian.AppendUint32([]byte{kind}, n)) }
	for raw, want := range map[string]any{
		"\x05": int64(5), "\xff": int64(-1), "\xe0": int64(-32), "\xc0": nil, "\xc2": false, "\xc3": true, "\xa2ab": "ab", "\xd9\x02ab": "ab", "\xc4\x02ab": "ab",
		"\xda\x00\x01a": "a", "\xc5\x00\x01a": "a", u32(0xdb, 1) + "a": "a", u32(0xc6, 1) + "a": "a",
		"\xcc\xff": uint64(255), "\xcd\x01\x00": uint64(256), u32(0xce, math.MaxUint32): uint64(math.MaxUint32), "\xcf\xff\xff\xff\xff\xff\xff\xff\xff": uint64(math.MaxUint64),
		"\xd0\x80": int64(-128), "\xd1\xff\x00": int64(-256), u32(0xd2, math.MaxUint32): int64(-1), "\xd3\x80\x00\x00\x00\x00\x00\x00\x00": int64(math.MinInt64),
		u32(0xca, math.Float32bits(1.5)): 1.5, "\xcb\x3f\xf8\x00\x00\x00\x00\x00\x00": 1.5,
		"\x92\x01\x02": []any{int64(1), int64(2)}, "\xdc\x00\x01\x01": []any{int64(1)}, u32(0xdd, 1) + "\x01": []any{int64(1)},
		"\x81\xa1a\x01": map[string]any{"a": int64(1)}, "\xde\x00\x01\x01\x02": map[string]any{"1": int64(2)}, u32(0xdf, 0): map[string]any{},
		"\xd7\x00\x00\x00\x00\x01\x00\x00\x00\x02": time.Unix(1, 2).UTC(), "\xc7\x08\x00\x00\x00\x00\x01\x00\x00\x00\x02": time.Unix(1, 2).UTC(), "\xd4\x07x": nil,
	} {
		got, size, err := readMessage(bufio.NewReader(strings.NewReader(raw)), 1000)
		if err != nil || !reflect.DeepEqual(got, want) || size != len(raw) {
			t.Errorf("%q: %#v (%d bytes) %v, want %#v", raw, got, size, err, want)
		}
	}
	for _, raw := range []string{"\xc1", "\xa2a", u32(0xdd, math.MaxUint32), u32(0xdf, math.MaxUint32), u32(0xdb, math.MaxUint32), u32(0xc9, math.MaxUint32) + "\x00",
		strings.Repeat("\x91", 100) + "\xc0", "\xa2" + strings.Repeat("a", 10)} {
		u := newUnpacker(bufio.NewReader(strings.NewReader(raw)), 2)
		if strings.HasPrefix(raw, "\x91") {
			u.bytes = 1000
		}
		if v, err := u.value(0); err == nil {
			t.Errorf("%q: %v", raw, v)
		}
	}
}

func FuzzForward(f *testing.F) {
	f.Add([]byte("\x93\xa1t\x01\x81\xa7message\xa1x"))
	f.Add([]byte("\x92\xa1t\x91\x92\xd7\x00\x00\x00\x00\x01\x00\x00\x00\x02\x81\xa1a\xa1b"))
	f.Add(append([]byte("\x93\xa1t\xc4\x03\x92\x01\x80\x81"), packText(packText(nil, "chunk"), "c1")...))
	f.Add([]byte("\x95\xa4PING\xa1h\xa1s\xa1d\xa0"))
	f.Fuzz(func(t *testing.T, raw []byte) {
		in := bufio.NewReader(bytes.NewReader(raw))
		for {
			message, size, err := readMessage(in, 64<<10)
			if err != nil {
				break
			}
			if size > 64<<10 {
				t.Fatalf("%d bytes", size)
			}
			_, _, _, _ = readPing(message)
			got, err := readForward(message, 64<<10)
			if err != nil {
				continue
			}
			back, _, err := readMessage(bufio.NewReader(bytes.NewReader(acknowledgement(got.chunk))), 1<<20)
			if err != nil || !reflect.DeepEqual(back, map[string]any{"ack": got.chunk}) {
				t.Fatalf("%v %v", back, err)
			}
		}
	})
}
