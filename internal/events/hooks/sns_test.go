package hooks

import (
	"bytes"
	"context"
	"crypto"
	"crypto/rand"
	"crypto/rsa"
	"crypto/sha256"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/base64"
	"encoding/json"
	"encoding/pem"
	"io"
	"math/big"
	"net/http"
	"strings"
	"testing"
	"time"

	"mainstay/internal/core"
)

// amazon answers for sns.eu-west-1.amazonaws.com.
type amazon struct {
	certificate []byte
	confirmed   []string
}

func (a *amazon) RoundTrip(r *http.Request) (*http.Response, error) {
	body := a.certificate
	if strings.Contains(r.URL.RawQuery, "ConfirmSubscription") {
		a.confirmed = append(a.confirmed, r.URL.String())
		body = []byte("<ConfirmSubscriptionResponse/>")
	}
	return &http.Response{StatusCode: 200, Body: io.NopCloser(bytes.NewReader(body)), Request: r, Header: http.Header{}}, nil
}

// TestSNS signs as Amazon does and posts: a confirmation, an alarm, its end,
// and messages that are not from there.
func TestSNS(t *testing.T) {
	t.Parallel()
	key, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		t.Fatal(err)
	}
	template := &x509.Certificate{SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: "sns.amazonaws.com"}, NotAfter: time.Now().Add(time.Hour)}
	der, err := x509.CreateCertificate(rand.Reader, template, template, &key.PublicKey, key)
	if err != nil {
		t.Fatal(err)
	}
	far := &amazon{certificate: pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der})}
	c := &Component{notary: &notary{client: &http.Client{Transport: far}, keys: map[string]*rsa.PublicKey{}}}
	post := func(m snsMessage, spoil func(*snsMessage)) (decoded, error) {
		t.Helper()
		m.TopicArn, m.MessageID, m.SignatureVersion, m.Timestamp = "arn:aws:sns:eu-west-1:1:alarms", "1", "2", "2026-11-02T02:59:00.000Z"
		m.SigningCertURL = "https://sns.eu-west-1.amazonaws.com/SimpleNotificationService-1.pem"
		sum := sha256.Sum256([]byte(m.signed()))
		signature, err := rsa.SignPKCS1v15(rand.Reader, key, crypto.SHA256, sum[:])
		if err != nil {
			t.Fatal(err)
		}
		m.Signature = base64.StdEncoding.EncodeToString(signature)
		if spoil != nil {
			spoil(&m)
		}
		body, err := json.Marshal(m)
		if err != nil {
			t.Fatal(err)
		}
		return decodeSNS(context.Background(), c, &Source{Name: "aws"}, &delivery{body: body, at: time.Now()})
	}
	alarm := func(state string) snsMessage {
		return snsMessage{Type: "Notification", Subject: state, Message: `{"AlarmName":"CPU","NewStateValue":"` + state + `","NewStateReason":"Threshold crossed","Region":"EU (Ireland)","AWSAccountId":"1","AlarmArn":"arn:a","Trigger":{"MetricName":"CPUUtilization","Namespace":"AWS/EC2","Dimensions":[{"name":"InstanceId","value":"i-0abc"}]}}`}
	}
	confirm := snsMessage{Type: "SubscriptionConfirmation", Token: "tok", SubscribeURL: "https://sns.eu-west-1.amazonaws.com/?Action=ConfirmSubscription&Token=tok", Message: "confirm"}
	if out, err := post(confirm, nil); err != nil || !strings.Contains(out.note, "is confirmed") || len(far.confirmed) != 1 {
		t.Fatal(out, err, far.confirmed)
	}
	out, err := post(alarm("ALARM"), nil)
	if err != nil || len(out.signals) != 1 || out.signals[0].Kind != "" || out.signals[0].Key != "arn:a" || out.signals[0].Labels["InstanceId"] != "i-0abc" || out.signals[0].Identities[0].Value != "i-0abc" {
		t.Fatal(out, err)
	}
	if out, err := post(alarm("OK"), nil); err != nil || out.signals[0].Kind != core.Cleared {
		t.Fatal(out, err)
	}
	if out, err := post(snsMessage{Type: "Notification", Message: "hello"}, nil); err != nil || out.signals[0].Kind != core.Notice {
		t.Fatal(out, err)
	}
	for name, spoil := range map[string]func(*snsMessage){
		"another text":    func(m *snsMessage) { m.Message += " " },
		"another host":    func(m *snsMessage) { m.SigningCertURL = "https://sns.eu-west-1.amazonaws.com.example/x.pem" },
		"not https":       func(m *snsMessage) { m.SigningCertURL = "http://sns.eu-west-1.amazonaws.com/x.pem" },
		"an own user":     func(m *snsMessage) { m.SigningCertURL = "https://sns.eu-west-1.amazonaws.com@evil.example/x.pem" },
		"an odd version":  func(m *snsMessage) { m.SignatureVersion = "9" },
		"no signature":    func(m *snsMessage) { m.Signature = "" },
		"another way out": func(m *snsMessage) { m.TopicArn = "arn:other" },
	} {
		if _, err := post(alarm("ALARM"), spoil); core.CodeOf(err) != core.CodeForbidden {
			t.Errorf("%s: %v", name, err)
		}
	}
	if _, err := post(confirm, func(m *snsMessage) { m.SubscribeURL = "https://127.0.0.1/" }); err == nil || len(far.confirmed) != 1 {
		t.Error("it fetched what it should not")
	}
}
