package probe

import (
	"context"
	"fmt"
	"net"
	"net/netip"
	"regexp"
	"strconv"
	"strings"
	"time"

	"github.com/gosnmp/gosnmp"
)

// SNMP reads values of a device and judges them.
type SNMP struct {
	Address   string    `json:"address" doc:"host or host:port"`
	Version   string    `json:"version,omitempty" enum:"1,2c,3" doc:"2c when left out"`
	Community string    `json:"community,omitempty" doc:"of versions 1 and 2c; secret:<name> keeps it out of the document; public when left out"`
	User      string    `json:"user,omitempty" doc:"of version 3"`
	Auth      *SNMPKey  `json:"auth,omitempty" doc:"of version 3: how messages are authenticated"`
	Privacy   *SNMPKey  `json:"privacy,omitempty" doc:"of version 3: how messages are encrypted"`
	Context   string    `json:"context,omitempty" doc:"of version 3"`
	Values    []SNMPGet `json:"values" doc:"what to read"`
	Retries   int       `json:"retries,omitempty" doc:"how often a lost question is repeated within the timeout; 2 when left out"`
	Latency   *Limits   `json:"latency,omitempty" doc:"thresholds of the answer's time"`
}

// SNMPKey is a protocol of version 3 and its password.
type SNMPKey struct {
	Protocol string `json:"protocol" doc:"auth: md5, sha, sha224, sha256, sha384, sha512; privacy: des, aes, aes192, aes256, aes192c, aes256c"`
	Password string `json:"password" doc:"8 characters or more; secret:<name> keeps it out of the document"`
}

// SNMPGet is one value to read.
type SNMPGet struct {
	OID    string  `json:"oid" doc:"in numbers, with the instance: 1.3.6.1.2.1.1.3.0"`
	Name   string  `json:"name,omitempty" doc:"name of the figure; the OID when left out"`
	Unit   string  `json:"unit,omitempty" doc:"of the figure, after scale: seconds, bytes, percent, count"`
	Scale  float64 `json:"scale,omitempty" doc:"the value is multiplied by it: 0.01 makes seconds of timeticks"`
	Expect string  `json:"expect,omitempty" doc:"regular expression that the value as text must match"`
	Bounds
}

var numericOID = regexp.MustCompile(`^\.?[0-2](\.[0-9]{1,10})+$`)

// maxValues bounds how much one check reads: what fits into one message.
const maxValues = 40

func (s *SNMP) validate(f *fields) {
	f.check(validAddress(withPort(s.Address, "161")), "address", "must be host or host:port")
	f.oneOf("version", s.Version, "1", "2c", "3")
	f.check(s.Version != "3" || s.User != "", "user", "is needed by version 3")
	f.check(s.Version == "3" || s.User == "" && s.Auth == nil && s.Privacy == nil, "version", "must be 3 for a user")
	f.check(s.Privacy == nil || s.Auth != nil, "auth", "is needed by privacy (RFC 3414, 1.4.3)")
	if s.Auth != nil {
		f.check(authProtocol(s.Auth.Protocol) != 0, "auth.protocol", "must be one of md5, sha, sha224, sha256, sha384, sha512")
		f.check(s.Auth.acceptable(), "auth.password", "must have 8 characters or more")
	}
	if s.Privacy != nil {
		f.check(privacyProtocol(s.Privacy.Protocol) != 0, "privacy.protocol", "must be one of des, aes, aes192, aes256, aes192c, aes256c")
		f.check(s.Privacy.acceptable(), "privacy.password", "must have 8 characters or more")
	}
	f.check(len(s.Values) > 0 && len(s.Values) <= maxValues, "values", fmt.Sprintf("must be between 1 and %d", maxValues))
	f.check(s.Retries >= 0 && s.Retries <= 10, "retries", "must be between 0 and 10")
	for i, v := range s.Values {
		at := f.below(fmt.Sprintf("values[%d]", i))
		at.check(numericOID.MatchString(v.OID) && len(v.OID) <= 512, "oid", "must be an OID in numbers")
		checkRegexp(at, "expect", v.Expect)
		v.Bounds.validate(at)
	}
	s.Latency.validate(f.below("latency"))
}

func (k *SNMPKey) acceptable() bool {
	return len(k.Password) >= 8 || strings.HasPrefix(k.Password, "secret:")
}

func authProtocol(name string) gosnmp.SnmpV3AuthProtocol {
	switch strings.ToLower(name) {
	case "md5":
		return gosnmp.MD5
	case "sha":
		return gosnmp.SHA
	case "sha224":
		return gosnmp.SHA224
	case "sha256":
		return gosnmp.SHA256
	case "sha384":
		return gosnmp.SHA384
	case "sha512":
		return gosnmp.SHA512
	}
	return 0
}

func privacyProtocol(name string) gosnmp.SnmpV3PrivProtocol {
	switch strings.ToLower(name) {
	case "des":
		return gosnmp.DES
	case "aes":
		return gosnmp.AES
	case "aes192":
		return gosnmp.AES192
	case "aes256":
		return gosnmp.AES256
	case "aes192c":
		return gosnmp.AES192C
	case "aes256c":
		return gosnmp.AES256C
	}
	return 0
}

func (s *SNMP) probe(ctx context.Context, r Runner, res *Result) {
	address := withPort(s.Address, "161")
	client, err := s.client(ctx, r, address)
	if err != nil {
		res.Set(Unknown, "%s: %s", address, Why(err))
		return
	}
	if err := client.Connect(); err != nil {
		res.Failed(address, err)
		return
	}
	defer client.Close()
	oids := make([]string, len(s.Values))
	for i, v := range s.Values {
		oids[i] = strings.TrimPrefix(v.OID, ".")
	}
	start := time.Now()
	answer, err := client.Get(oids)
	took := time.Since(start)
	if err != nil {
		res.Failed(address, snmpFault(err))
		return
	}
	res.Measure("time", "seconds", took.Seconds())
	if answer.Error != gosnmp.NoError {
		res.Set(Critical, "%s: %s", address, s.refusal(answer))
		return
	}
	if len(answer.Variables) != len(s.Values) {
		res.Set(Critical, "%s: %d values were asked for and %d came", address, len(s.Values), len(answer.Variables))
		return
	}
	var texts, lines []string
	judged := Result{}
	for i, v := range s.Values {
		text := v.judge(answer.Variables[i], &judged)
		lines = append(lines, v.label()+" = "+text)
		texts = append(texts, clip(text, 80))
	}
	res.Set(OK, "%s: %s", address, strings.Join(texts, ", "))
	if judged.Output != "" {
		res.Worsen(judged.State, "%s", judged.Output)
	}
	res.Metrics = append(res.Metrics, judged.Metrics...)
	res.Detail = strings.Join(lines, "\n")
	s.Latency.judge(res, "the answer", took)
}

// refusal says what the device made of a question it could not answer.
func (s *SNMP) refusal(answer *gosnmp.SnmpPacket) string {
	if i := int(answer.ErrorIndex); i >= 1 && i <= len(s.Values) {
		return fmt.Sprintf("%s: %s", s.Values[i-1].label(), answer.Error)
	}
	return "the device answers " + answer.Error.String()
}

func snmpFault(err error) error {
	if strings.Contains(err.Error(), "timeout") {
		return context.DeadlineExceeded
	}
	return err
}

// client resolves the name itself: a datagram needs an address that was allowed.
func (s *SNMP) client(ctx context.Context, r Runner, address string) (*gosnmp.GoSNMP, error) {
	host, text, err := net.SplitHostPort(address)
	if err != nil {
		return nil, err
	}
	port, err := strconv.ParseUint(text, 10, 16)
	if err != nil {
		return nil, err
	}
	ip, err := resolve(ctx, host)
	if err != nil {
		return nil, err
	}
	retries := s.Retries
	if retries == 0 {
		retries = 2
	}
	c := &gosnmp.GoSNMP{Target: ip.String(), Port: uint16(port), Transport: "udp", Context: ctx, Timeout: remaining(ctx) / time.Duration(retries+1), Retries: retries,
		MaxOids: maxValues, Control: r.control(), Community: s.Community, Version: gosnmp.Version2c}
	switch s.Version {
	case "1":
		c.Version = gosnmp.Version1
	case "3":
		s.version3(c)
	}
	if c.Community == "" {
		c.Community = "public"
	}
	return c, nil
}

func (s *SNMP) version3(c *gosnmp.GoSNMP) {
	c.Version, c.SecurityModel, c.MsgFlags, c.ContextName = gosnmp.Version3, gosnmp.UserSecurityModel, gosnmp.NoAuthNoPriv, s.Context
	keys := &gosnmp.UsmSecurityParameters{UserName: s.User, AuthenticationProtocol: gosnmp.NoAuth, PrivacyProtocol: gosnmp.NoPriv}
	if s.Auth != nil {
		c.MsgFlags = gosnmp.AuthNoPriv
		keys.AuthenticationProtocol, keys.AuthenticationPassphrase = authProtocol(s.Auth.Protocol), s.Auth.Password
	}
	if s.Privacy != nil {
		c.MsgFlags = gosnmp.AuthPriv
		keys.PrivacyProtocol, keys.PrivacyPassphrase = privacyProtocol(s.Privacy.Protocol), s.Privacy.Password
	}
	c.SecurityParameters = keys
}

// resolve returns the first address of a name.
func resolve(ctx context.Context, host string) (netip.Addr, error) {
	if ip, err := netip.ParseAddr(strings.Trim(host, "[]")); err == nil {
		return ip, nil
	}
	ips, err := net.DefaultResolver.LookupNetIP(ctx, "ip", host)
	if err != nil {
		return netip.Addr{}, err
	}
	return ips[0].Unmap(), nil
}

func (v *SNMPGet) label() string {
	if v.Name != "" {
		return v.Name
	}
	return v.OID
}

// judge returns the value as text.
func (v *SNMPGet) judge(got gosnmp.SnmpPDU, res *Result) string {
	text, value, numeric := snmpValue(got)
	if text == "" && !numeric && got.Type != gosnmp.OctetString {
		res.Worsen(Critical, "the device has no %s", v.label())
		return "missing"
	}
	if numeric {
		if v.Scale != 0 {
			value *= v.Scale
			text = number(value)
		}
		res.Measure(v.label(), v.Unit, value)
		v.Bounds.Judge(res, v.label(), value)
	} else if v.Bounds != (Bounds{}) {
		res.Worsen(Unknown, "%s is not a number: %s", v.label(), clip(text, 80))
	}
	if v.Expect != "" && !regexp.MustCompile(v.Expect).MatchString(text) {
		res.Worsen(Critical, "%s is %s and does not match %s", v.label(), clip(text, 80), v.Expect)
	}
	return text
}

// snmpValue is a value as text and, when it is a number, as that. Devices that
// put numbers into text are read, too.
func snmpValue(got gosnmp.SnmpPDU) (text string, value float64, numeric bool) {
	switch v := got.Value.(type) {
	case nil:
		return "", 0, false
	case []byte:
		text = strings.TrimSpace(printable(v))
		value, err := strconv.ParseFloat(text, 64)
		return text, value, err == nil
	case string:
		return strings.TrimPrefix(v, "."), 0, false
	case float32:
		return number(float64(v)), float64(v), true
	case float64:
		return number(v), v, true
	}
	switch got.Type {
	case gosnmp.Integer, gosnmp.Counter32, gosnmp.Gauge32, gosnmp.TimeTicks, gosnmp.Counter64, gosnmp.Uinteger32:
		whole := gosnmp.ToBigInt(got.Value)
		value, _ = whole.Float64()
		return whole.String(), value, true
	}
	return fmt.Sprint(got.Value), 0, false
}

// printable shows bytes that are no text in hexadecimal digits.
func printable(b []byte) string {
	for _, c := range string(b) {
		if c == '\uFFFD' || c < ' ' && c != '\n' && c != '\r' && c != '\t' {
			return fmt.Sprintf("%x", b)
		}
	}
	return string(b)
}
