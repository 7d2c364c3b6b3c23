package probe

import (
	"bytes"
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"strconv"
	"time"

	"google.golang.org/protobuf/encoding/protowire"
)

// GRPC asks a server by the health protocol (grpc.health.v1). One request over
// HTTP/2 needs no more than the standard library has.
type GRPC struct {
	Address  string            `json:"address" doc:"host:port"`
	Service  string            `json:"service,omitempty" doc:"the service to ask about; the server as a whole when left out"`
	TLS      bool              `json:"tls,omitempty" doc:"speak TLS"`
	Metadata map[string]string `json:"metadata,omitempty" doc:"sent with the call, such as authorization"`
	Latency  *Limits           `json:"latency,omitempty" doc:"thresholds of the whole call"`
	Peer
}

func (g *GRPC) validate(f *fields) {
	f.check(validAddress(g.Address), "address", "must be host:port")
	for name := range g.Metadata {
		f.check(validToken(name), "metadata."+name, "is not a name of metadata")
	}
	g.Latency.validate(f.below("latency"))
	g.Peer.validate(f)
}

func (g *GRPC) probe(ctx context.Context, r Runner, res *Result) {
	host, _, _ := net.SplitHostPort(g.Address)
	protocols := new(http.Protocols)
	scheme := "http"
	if g.TLS {
		scheme = "https"
		protocols.SetHTTP2(true)
	} else {
		protocols.SetUnencryptedHTTP2(true)
	}
	transport := &http.Transport{DialContext: r.Dial, TLSClientConfig: g.Config(host), Protocols: protocols, DisableCompression: true}
	defer transport.CloseIdleConnections()
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, scheme+"://"+g.Address+"/grpc.health.v1.Health/Check", bytes.NewReader(healthRequest(g.Service)))
	if err != nil {
		res.Set(Unknown, "%s: %s", g.Address, Why(err))
		return
	}
	for name, value := range g.Metadata {
		req.Header.Set(name, value)
	}
	req.Header.Set("Content-Type", "application/grpc")
	req.Header.Set("TE", "trailers")
	req.Header.Set("User-Agent", "mainstay-check")
	start := time.Now()
	resp, err := transport.RoundTrip(req)
	if err != nil {
		if _, ok := errors.AsType[*net.OpError](err); !ok {
			err = errors.New(certificateFault(err))
		}
		res.Failed(g.Address, err)
		return
	}
	defer resp.Body.Close()
	body, err := io.ReadAll(io.LimitReader(resp.Body, maxRead))
	took := time.Since(start)
	if err != nil {
		res.Set(Critical, "%s: %s", g.Address, Why(err))
		return
	}
	res.Measure("time", "seconds", took.Seconds())
	state, said := healthAnswer(resp, body)
	res.Set(state, "%s: %s in %v", g.label(), said, took.Round(time.Microsecond))
	if resp.TLS != nil && len(resp.TLS.PeerCertificates) > 0 {
		g.Certificate.judge(res, time.Until(resp.TLS.PeerCertificates[0].NotAfter))
	}
	g.Latency.judge(res, "the call", took)
}

func (g *GRPC) label() string {
	if g.Service == "" {
		return g.Address
	}
	return g.Service + " at " + g.Address
}

// healthRequest is a HealthCheckRequest in a frame of gRPC: a flag, a length, a message.
func healthRequest(service string) []byte {
	var message []byte
	if service != "" {
		message = protowire.AppendTag(message, 1, protowire.BytesType)
		message = protowire.AppendString(message, service)
	}
	return append(binary.BigEndian.AppendUint32([]byte{0}, uint32(len(message))), message...)
}

// healthAnswer reads the status of the call and the health in its message.
func healthAnswer(resp *http.Response, body []byte) (State, string) {
	if resp.StatusCode != http.StatusOK {
		return Critical, "HTTP status " + resp.Status
	}
	status, message := resp.Trailer.Get("Grpc-Status"), resp.Trailer.Get("Grpc-Message")
	if status == "" { // an answer of trailers alone
		status, message = resp.Header.Get("Grpc-Status"), resp.Header.Get("Grpc-Message")
	}
	switch code, err := strconv.Atoi(status); {
	case err != nil:
		return Critical, "this is no gRPC server: its answer has no grpc-status"
	case code == 5:
		return Critical, "the server knows no such service"
	case code == 12:
		return Unknown, "the server does not have the health protocol"
	case code != 0:
		return Critical, fmt.Sprintf("the call failed with status %d %s", code, message)
	}
	serving, err := parseHealth(body)
	if err != nil {
		return Critical, err.Error()
	}
	switch serving {
	case 1:
		return OK, "serving"
	case 2:
		return Critical, "not serving"
	case 3:
		return Critical, "the server knows no such service"
	}
	return Unknown, "the server does not say how it is"
}

// parseHealth reads the status of a HealthCheckResponse in its frame.
func parseHealth(body []byte) (serving uint64, err error) {
	if len(body) < 5 || body[0] != 0 || int64(binary.BigEndian.Uint32(body[1:5])) > int64(len(body)-5) {
		return 0, errors.New("the answer is not a message of gRPC")
	}
	message := body[5 : 5+binary.BigEndian.Uint32(body[1:5])]
	for len(message) > 0 {
		number, kind, n := protowire.ConsumeTag(message)
		if n < 0 {
			return 0, errors.New("the answer cannot be read")
		}
		message = message[n:]
		if number == 1 && kind == protowire.VarintType {
			v, n := protowire.ConsumeVarint(message)
			if n < 0 {
				return 0, errors.New("the answer cannot be read")
			}
			serving, message = v, message[n:]
			continue
		}
		if n = protowire.ConsumeFieldValue(number, kind, message); n < 0 {
			return 0, errors.New("the answer cannot be read")
		}
		message = message[n:]
	}
	return serving, nil
}
