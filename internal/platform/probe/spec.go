package probe

import (
	"context"
	"fmt"
	"reflect"
	"strings"
	"time"

	"mainstay/internal/core"
)

// Duration is a time.Duration written as text: "30s", "1m30s".
type Duration time.Duration

// String writes the shortest form: 24h, not 24h0m0s.
func (d Duration) String() string {
	s := time.Duration(d).String()
	if d != 0 && d%Duration(time.Minute) == 0 {
		s = strings.TrimSuffix(s, "0s")
	}
	if d != 0 && d%Duration(time.Hour) == 0 {
		s = strings.TrimSuffix(s, "0m")
	}
	return s
}

// MarshalText writes the shortest form.
func (d Duration) MarshalText() ([]byte, error) { return []byte(d.String()), nil }

// UnmarshalText reads what time.ParseDuration takes.
func (d *Duration) UnmarshalText(text []byte) error {
	v, err := time.ParseDuration(string(text))
	if err != nil {
		return fmt.Errorf("%q is not a duration such as 30s or 5m", text)
	}
	*d = Duration(v)
	return nil
}

// Std returns d as the standard library's type.
func (d Duration) Std() time.Duration { return time.Duration(d) }

// DefaultTimeout is the time a probe without a timeout gets.
const DefaultTimeout = 10 * time.Second

// Spec says what to probe. Exactly one of the kinds is set.
type Spec struct {
	Timeout   Duration   `json:"timeout,omitempty" pattern:"^([0-9]+([.][0-9]+)?(ns|us|µs|ms|s|m|h))+$" patternDescription:"a duration such as 30s or 5m" doc:"how long one execution may take; 10s when left out"`
	ICMP      *ICMP      `json:"icmp,omitempty"`
	TCP       *TCP       `json:"tcp,omitempty"`
	HTTP      *HTTP      `json:"http,omitempty"`
	Journey   *Journey   `json:"journey,omitempty"`
	Browser   *Browser   `json:"browser,omitempty"`
	DNS       *DNS       `json:"dns,omitempty"`
	TLS       *TLS       `json:"tls,omitempty"`
	WebSocket *WebSocket `json:"websocket,omitempty"`
	GRPC      *GRPC      `json:"grpc,omitempty"`
	SMTP      *SMTP      `json:"smtp,omitempty"`
	IMAP      *IMAP      `json:"imap,omitempty"`
	POP3      *POP3      `json:"pop3,omitempty"`
	FTP       *FTP       `json:"ftp,omitempty"`
	SSH       *SSH       `json:"ssh,omitempty"`
	LDAP      *LDAP      `json:"ldap,omitempty"`
	NTP       *NTP       `json:"ntp,omitempty"`
	SNMP      *SNMP      `json:"snmp,omitempty"`
	SQL       *SQL       `json:"sql,omitempty"`
	Process   *Process   `json:"process,omitempty"`
	Service   *Service   `json:"service,omitempty"`
	Command   *Command   `json:"command,omitempty"`
}

// kind is one way to probe: a field of Spec that is a pointer to one.
type kind interface {
	validate(f *fields)
	probe(ctx context.Context, r Runner, res *Result)
}

// kinds calls visit with the name and the value of every kind, in the order of Spec's
// fields. Those that are not set are nil pointers.
func (s Spec) kinds(visit func(name string, set bool, k kind)) {
	v := reflect.ValueOf(s)
	for i := range v.NumField() {
		if k, ok := v.Field(i).Interface().(kind); ok {
			name, _, _ := strings.Cut(v.Type().Field(i).Tag.Get("json"), ",")
			visit(name, !v.Field(i).IsNil(), k)
		}
	}
}

// KindNames lists the names of all kinds.
func KindNames() []string {
	var all []string
	Spec{}.kinds(func(name string, _ bool, _ kind) { all = append(all, name) })
	return all
}

// chosen returns the first kind that is set.
func (s Spec) chosen() (name string, k kind) {
	s.kinds(func(n string, set bool, candidate kind) {
		if set && k == nil {
			name, k = n, candidate
		}
	})
	return name, k
}

// Kind names the kind that is set, "" for none.
func (s Spec) Kind() string {
	name, _ := s.chosen()
	return name
}

// Local says that the probe looks at the host it runs on.
func (s Spec) Local() bool { return s.Process != nil || s.Service != nil }

// Validate returns what is wrong, each with its field path below prefix ("spec.").
func (s Spec) Validate(prefix string) []core.Detail {
	f := &fields{prefix: prefix}
	f.check(s.Timeout >= 0 && s.Timeout.Std() <= 10*time.Minute, "timeout", "must be between 0s and 10m")
	count := 0
	s.kinds(func(name string, set bool, k kind) {
		if set {
			count++
			k.validate(f.below(name))
		}
	})
	if count != 1 {
		f.check(false, "", "must name exactly one of "+strings.Join(KindNames(), ", "))
	}
	return *f.all()
}

// fields collects the faults of a spec with their paths.
type fields struct {
	prefix string
	root   *fields
	found  []core.Detail
}

func (f *fields) below(name string) *fields {
	return &fields{prefix: f.prefix + name + ".", root: f.top()}
}

func (f *fields) top() *fields {
	if f.root != nil {
		return f.root
	}
	return f
}

func (f *fields) all() *[]core.Detail { return &f.top().found }

func (f *fields) check(ok bool, name, rule string) {
	if ok {
		return
	}
	path := f.prefix + name
	if name == "" && len(path) > 0 {
		path = path[:len(path)-1]
	}
	*f.all() = append(*f.all(), core.Detail{Field: path, Rule: rule})
}
