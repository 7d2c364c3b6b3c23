package logstore

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"

	"mainstay/internal/core"
)

// EpochMetric carries, as a label, what changes when the engine's process does.
const EpochMetric = "mainstay_logstore_epoch"

// client speaks the HTTP API of VictoriaLogs.
type client struct {
	base string
	http *http.Client
}

// newClient dials socket when there is no address.
func newClient(address, socket string) *client {
	transport := &http.Transport{MaxIdleConnsPerHost: 8, IdleConnTimeout: time.Minute, DisableCompression: address == ""}
	if address == "" {
		address = "http://engine"
		transport.DialContext = func(ctx context.Context, _, _ string) (net.Conn, error) {
			var d net.Dialer
			return d.DialContext(ctx, "unix", socket)
		}
	}
	return &client{base: strings.TrimSuffix(address, "/"), http: &http.Client{Transport: transport}}
}

// do sends one request. A status other than 2xx becomes an error: the
// caller's mistakes as invalid, everything else as unavailable.
func (c *client) do(ctx context.Context, method, path string, args url.Values, body io.Reader, header http.Header) (*http.Response, error) {
	target := c.base + path
	if method == http.MethodPost && body == nil {
		body = strings.NewReader(args.Encode())
		header = http.Header{"Content-Type": {"application/x-www-form-urlencoded"}}
	} else if len(args) > 0 {
		target += "?" + args.Encode()
	}
	req, err := http.NewRequestWithContext(ctx, method, target, body)
	if err != nil {
		return nil, err
	}
	for name, values := range header {
		req.Header[name] = values
	}
	resp, err := c.http.Do(req)
	if err != nil {
		if ctx.Err() != nil && errors.Is(ctx.Err(), context.Canceled) {
			return nil, ctx.Err()
		}
		return nil, &core.Error{Code: core.CodeUnavailable, Message: "the log store does not answer", Cause: err}
	}
	if resp.StatusCode/100 == 2 {
		return resp, nil
	}
	defer resp.Body.Close()
	text, _ := io.ReadAll(io.LimitReader(resp.Body, 4096))
	message := strings.TrimSpace(string(text))
	if resp.StatusCode == http.StatusBadRequest {
		return nil, &core.Error{Code: core.CodeInvalid, Message: "the log store refuses the request", Details: []core.Detail{{Field: "query", Rule: queryFault(message)}}}
	}
	return nil, &core.Error{Code: core.CodeUnavailable, Message: "the log store is not able to answer", Cause: fmt.Errorf("%s: %s", resp.Status, message)}
}

// queryFault keeps the reason of "... cannot parse query [q]: reason; see ...".
func queryFault(message string) string {
	if _, rest, ok := strings.Cut(message, "cannot parse query ["); ok {
		if _, reason, ok := strings.Cut(rest, "]: "); ok {
			message = reason
		}
	}
	return clip(message, 500)
}

// Status is what the engine says of itself.
type Status struct {
	Epoch     string `json:"-"`
	ReadOnly  bool   `json:"readOnly"`
	FreeBytes int64  `json:"freeBytes"`
	DiskBytes int64  `json:"diskBytes"`
	Rows      int64  `json:"rows"`
	Dropped   int64  `json:"dropped"` // records outside the retention
}

// status reads the engine's metrics.
func (c *client) status(ctx context.Context) (Status, error) {
	resp, err := c.do(ctx, http.MethodGet, "/metrics", nil, nil, nil)
	if err != nil {
		return Status{}, err
	}
	defer resp.Body.Close()
	return readStatus(io.LimitReader(resp.Body, 4<<20))
}

// readStatus picks the few series it needs from the text exposition format.
func readStatus(r io.Reader) (Status, error) {
	var s Status
	lines := bufio.NewScanner(r)
	lines.Buffer(nil, 1<<20)
	for lines.Scan() {
		series, value, ok := cutLast(lines.Text(), ' ')
		if !ok || strings.HasPrefix(series, "#") {
			continue
		}
		name, _, _ := strings.Cut(series, "{")
		number, _ := strconv.ParseFloat(value, 64)
		switch name {
		case EpochMetric:
			s.Epoch = series
		case "vm_app_start_timestamp": // an external server, or one node of a cluster
			if s.Epoch == "" {
				s.Epoch = value
			}
		case "vl_storage_is_read_only":
			s.ReadOnly = s.ReadOnly || number > 0
		case "vl_free_disk_space_bytes":
			s.FreeBytes = int64(number)
		case "vl_compressed_data_size_bytes":
			s.DiskBytes += int64(number)
		case "vl_storage_rows":
			s.Rows += int64(number)
		case "vl_rows_dropped_total":
			s.Dropped += int64(number)
		}
	}
	return s, lines.Err()
}

func cutLast(s string, sep byte) (before, after string, found bool) {
	i := strings.LastIndexByte(s, sep)
	if i < 0 {
		return s, "", false
	}
	return s[:i], s[i+1:], true
}
