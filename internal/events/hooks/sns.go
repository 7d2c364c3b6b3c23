package hooks

import (
	"context"
	"crypto"
	"crypto/rsa"
	"crypto/sha1"
	"crypto/sha256"
	"crypto/x509"
	"encoding/base64"
	"encoding/json"
	"encoding/pem"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"sync"
	"time"

	"mainstay/internal/core"
	"mainstay/internal/events"
)

// snsMessage is what Amazon SNS posts (docs.aws.amazon.com, "Parsing Amazon
// SNS message formats" and "Verifying the signatures").
type snsMessage struct {
	Type             string `json:"Type"`
	MessageID        string `json:"MessageId"`
	Token            string `json:"Token"`
	TopicArn         string `json:"TopicArn"`
	Subject          string `json:"Subject"`
	Message          string `json:"Message"`
	Timestamp        string `json:"Timestamp"`
	SignatureVersion string `json:"SignatureVersion"`
	Signature        string `json:"Signature"`
	SigningCertURL   string `json:"SigningCertURL"`
	SubscribeURL     string `json:"SubscribeURL"`
}

// cloudWatchAlarm is the Message of an alarm of CloudWatch.
type cloudWatchAlarm struct {
	Name        string `json:"AlarmName"`
	Description string `json:"AlarmDescription"`
	Account     string `json:"AWSAccountId"`
	State       string `json:"NewStateValue"` // ALARM, OK, INSUFFICIENT_DATA
	Reason      string `json:"NewStateReason"`
	ChangedAt   string `json:"StateChangeTime"`
	Region      string `json:"Region"`
	Arn         string `json:"AlarmArn"`
	Trigger     struct {
		Metric     string `json:"MetricName"`
		Namespace  string `json:"Namespace"`
		Dimensions []struct {
			Name  string `json:"name"`
			Value string `json:"value"`
		} `json:"Dimensions"`
	} `json:"Trigger"`
}

// amazonHost is where certificates and confirmations of SNS are.
var amazonHost = regexp.MustCompile(`^sns\.[a-z0-9-]{3,30}\.amazonaws\.com(\.cn)?$`)

const maxFetched = 64 << 10

// notary checks signatures; the certificates it has fetched it keeps.
type notary struct {
	client *http.Client
	mu     sync.Mutex
	keys   map[string]*rsa.PublicKey
}

func decodeSNS(ctx context.Context, c *Component, _ *Source, d *delivery) (decoded, error) {
	var m snsMessage
	if err := json.Unmarshal(d.body, &m); err != nil {
		return decoded{}, core.Errorf(core.CodeMalformed, "the body cannot be read: %v", err)
	}
	if err := c.notary.verify(ctx, &m); err != nil {
		return decoded{}, core.Errorf(core.CodeForbidden, "the signature of the message cannot be trusted: %v", err)
	}
	switch m.Type {
	case "SubscriptionConfirmation":
		if _, err := c.notary.fetch(ctx, m.SubscribeURL); err != nil {
			return decoded{}, core.Errorf(core.CodeUnavailable, "the subscription could not be confirmed: %v", err)
		}
		return decoded{note: "the subscription to " + m.TopicArn + " is confirmed"}, nil
	case "UnsubscribeConfirmation":
		return decoded{note: "the subscription to " + m.TopicArn + " has ended"}, nil
	case "Notification":
		return decoded{signals: []events.Signal{m.signal(d.at)}}, nil
	}
	return decoded{}, core.Invalid("Type", "must be Notification, SubscriptionConfirmation or UnsubscribeConfirmation")
}

func (m *snsMessage) signal(now time.Time) events.Signal {
	var s events.Signal
	s.At = now
	if at, err := time.Parse(time.RFC3339Nano, m.Timestamp); err == nil {
		s.At = at
	}
	s.Labels = map[string]string{"topic": bounded(m.TopicArn, 4096)}
	var a cloudWatchAlarm
	if json.Unmarshal([]byte(m.Message), &a) != nil || a.Name == "" || a.State == "" {
		s.Kind, s.Severity, s.Title, s.Description = core.Notice, core.Info, first(m.Subject, bounded(m.Message, 200), "Message of "+m.TopicArn), bounded(m.Message, 8<<10)
		return s
	}
	s.Key, s.Title, s.Description = first(a.Arn, a.Account+" "+a.Region+" "+a.Name), a.Name, strings.TrimSpace(a.Description+"\n"+a.Reason)
	put(s.Labels, "account", a.Account)
	put(s.Labels, "region", a.Region)
	put(s.Labels, "metric", a.Trigger.Metric)
	put(s.Labels, "namespace", a.Trigger.Namespace)
	for _, dim := range a.Trigger.Dimensions[:min(len(a.Trigger.Dimensions), 30)] {
		put(s.Labels, bounded(dim.Name, 200), dim.Value)
		s.Identities = append(s.Identities, core.Identity{Kind: "id", Value: bounded(dim.Value, 500)})
	}
	delete(s.Labels, "")
	switch a.State {
	case "OK":
		s.Kind = core.Cleared
	case "INSUFFICIENT_DATA":
		s.Severity = core.Info
	}
	return s
}

// signed is the text that the signature is over: names and values of a fixed
// list of fields, each on a line of its own; Subject only when there is one.
func (m *snsMessage) signed() string {
	fields := [][2]string{{"Message", m.Message}, {"MessageId", m.MessageID}}
	if m.Type == "Notification" {
		if m.Subject != "" {
			fields = append(fields, [2]string{"Subject", m.Subject})
		}
	} else {
		fields = append(fields, [2]string{"SubscribeURL", m.SubscribeURL})
	}
	fields = append(fields, [2]string{"Timestamp", m.Timestamp})
	if m.Type != "Notification" {
		fields = append(fields, [2]string{"Token", m.Token})
	}
	fields = append(fields, [2]string{"TopicArn", m.TopicArn}, [2]string{"Type", m.Type})
	var b strings.Builder
	for _, f := range fields {
		b.WriteString(f[0] + "\n" + f[1] + "\n")
	}
	return b.String()
}

func (n *notary) verify(ctx context.Context, m *snsMessage) error {
	signature, err := base64.StdEncoding.DecodeString(m.Signature)
	if err != nil {
		return fmt.Errorf("it is not base64")
	}
	key, err := n.key(ctx, m.SigningCertURL)
	if err != nil {
		return err
	}
	switch m.SignatureVersion {
	case "1":
		sum := sha1.Sum([]byte(m.signed()))
		return rsa.VerifyPKCS1v15(key, crypto.SHA1, sum[:], signature)
	case "2":
		sum := sha256.Sum256([]byte(m.signed()))
		return rsa.VerifyPKCS1v15(key, crypto.SHA256, sum[:], signature)
	}
	return fmt.Errorf("version %q is not known", bounded(m.SignatureVersion, 20))
}

func (n *notary) key(ctx context.Context, address string) (*rsa.PublicKey, error) {
	n.mu.Lock()
	key := n.keys[address]
	n.mu.Unlock()
	if key != nil {
		return key, nil
	}
	text, err := n.fetch(ctx, address)
	if err != nil {
		return nil, err
	}
	block, _ := pem.Decode(text)
	if block == nil {
		return nil, fmt.Errorf("there is no certificate at SigningCertURL")
	}
	certificate, err := x509.ParseCertificate(block.Bytes)
	if err != nil {
		return nil, err
	}
	key, ok := certificate.PublicKey.(*rsa.PublicKey)
	if !ok {
		return nil, fmt.Errorf("the certificate has no RSA key")
	}
	n.mu.Lock()
	defer n.mu.Unlock()
	if len(n.keys) >= 100 {
		clear(n.keys)
	}
	n.keys[address] = key
	return key, nil
}

// fetch reads an address of Amazon's, and of no one else.
func (n *notary) fetch(ctx context.Context, address string) ([]byte, error) {
	u, err := url.Parse(address)
	if err != nil || u.Scheme != "https" || !amazonHost.MatchString(u.Host) || u.User != nil {
		return nil, fmt.Errorf("%q is not an address of SNS", bounded(address, 200))
	}
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, address, nil)
	if err != nil {
		return nil, err
	}
	response, err := n.client.Do(request)
	if err != nil {
		return nil, err
	}
	defer response.Body.Close()
	if response.StatusCode != http.StatusOK {
		return nil, fmt.Errorf("%s answers %s", u.Host, response.Status)
	}
	return io.ReadAll(io.LimitReader(response.Body, maxFetched))
}
