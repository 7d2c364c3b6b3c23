package traps

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"math"
	"net"
	"net/netip"
	"strconv"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"github.com/gosnmp/gosnmp"

	"mainstay/internal/core"
	"mainstay/internal/events/traps/mib"
)

var authProtocols = map[string]gosnmp.SnmpV3AuthProtocol{"MD5": gosnmp.MD5, "SHA": gosnmp.SHA, "SHA224": gosnmp.SHA224, "SHA256": gosnmp.SHA256, "SHA384": gosnmp.SHA384, "SHA512": gosnmp.SHA512}
var privProtocols = map[string]gosnmp.SnmpV3PrivProtocol{"DES": gosnmp.DES, "AES": gosnmp.AES, "AES192": gosnmp.AES192, "AES256": gosnmp.AES256, "AES192C": gosnmp.AES192C, "AES256C": gosnmp.AES256C}

// Trap is a notification, whatever its version.
type Trap struct {
	Version   string // 1, 2c or 3
	Inform    bool
	User      string // of version 3
	From      netip.Addr
	Agent     netip.Addr // whom it is about: From, or whom a proxy names
	OID       string
	Name      string // empty: not known
	Uptime    time.Duration
	Variables []Variable
}

// Variable is a value that came with it.
type Variable struct {
	OID      string
	Name     string // empty: not known
	Instance string // what of the identifier follows the name
	Value    string
}

// Title is the name, or the identifier where there is none.
func (t *Trap) Title() string {
	if t.Name != "" {
		return t.Name
	}
	return t.OID
}

// decoder reads messages. One goroutine uses it.
type decoder struct {
	plain   *gosnmp.GoSNMP
	probe   *gosnmp.GoSNMP // for messages that ask for our engine
	secured *gosnmp.GoSNMP
	levels  map[string]gosnmp.SnmpV3MsgFlags // of users
	engine  string
	heard   map[string]heard // of engines, against what is sent again by others
	clock   core.Clock

	communities map[string]bool // none: any
	names       func() *mib.Set // what MIB files say
}

// heard is the latest time of a sender's engine (RFC 3414, 2.3).
type heard struct{ boots, time uint32 }

const (
	window      = 150 // seconds (RFC 3414, 3.2, 7)
	enginesMost = 10_000
	// engineEpoch makes of the clock an engine time that fits 31 bits and never goes back.
	engineEpoch = 1_750_000_000
)

// newDecoder makes one; users have their keys in place of references.
func newDecoder(users []User, communities []string, node string, clock core.Clock) (*decoder, error) {
	sum := sha256.Sum256([]byte("traps of " + node))
	d := &decoder{levels: map[string]gosnmp.SnmpV3MsgFlags{}, heard: map[string]heard{}, names: func() *mib.Set { return &mib.Set{} }, communities: map[string]bool{}, clock: clock,
		engine: "\x80\x00\x00\x00\x05" + string(sum[:8])} // RFC 3411, SnmpEngineID: octets, administratively assigned
	for _, c := range communities {
		d.communities[c] = true
	}
	d.plain = &gosnmp.GoSNMP{Version: gosnmp.Version2c}
	empty := &gosnmp.UsmSecurityParameters{AuthenticationProtocol: gosnmp.NoAuth, PrivacyProtocol: gosnmp.NoPriv}
	d.probe = &gosnmp.GoSNMP{Version: gosnmp.Version3, SecurityModel: gosnmp.UserSecurityModel, SecurityParameters: empty}
	d.secured = &gosnmp.GoSNMP{Version: gosnmp.Version3, SecurityModel: gosnmp.UserSecurityModel}
	table := gosnmp.NewSnmpV3SecurityParametersTable(gosnmp.Logger{})
	for _, u := range users {
		p := &gosnmp.UsmSecurityParameters{UserName: u.Name, AuthenticationProtocol: gosnmp.NoAuth, PrivacyProtocol: gosnmp.NoPriv}
		level := gosnmp.NoAuthNoPriv
		if u.Auth != "" {
			p.AuthenticationProtocol, p.AuthenticationPassphrase, level = authProtocols[u.Auth], u.AuthKey, gosnmp.AuthNoPriv
		}
		if u.Priv != "" {
			p.PrivacyProtocol, p.PrivacyPassphrase, level = privProtocols[u.Priv], u.PrivKey, gosnmp.AuthPriv
		}
		if err := table.Add(u.Name, p); err != nil {
			return nil, fmt.Errorf("user %s: %w", u.Name, err)
		}
		d.levels[u.Name] = level
	}
	d.secured.SetTrapSecurityParametersTable(table)
	return d, nil
}

// decode reads a message. A nil trap with an answer is a question for our
// engine, to be answered. packet makes the acknowledgement of an inform.
func (d *decoder) decode(message []byte, from netip.Addr) (t *Trap, packet *gosnmp.SnmpPacket, answer []byte, err error) {
	defer func() {
		// The library reads what strangers send; what it trips over costs that message alone.
		if r := recover(); r != nil {
			t, packet, answer, err = nil, nil, nil, fmt.Errorf("the message cannot be read: %v", r)
		}
	}()
	packet, err = d.plain.UnmarshalTrap(append([]byte(nil), message...), false)
	switch {
	case err == nil && packet.Version == gosnmp.Version3, err != nil && versionOf(message) == 3:
		packet, answer, err = d.secure(message)
		if err != nil || answer != nil {
			return nil, nil, answer, err
		}
	case err != nil:
		return nil, nil, nil, err
	case len(d.communities) > 0 && !d.communities[packet.Community]:
		return nil, nil, nil, fmt.Errorf("the community is not one of those that are taken")
	}
	t, err = trapOf(packet, from, d.names())
	return t, packet, nil, err
}

// versionOf reads the version of a message: 3 for SNMPv3, 0 when it is none.
func versionOf(message []byte) int {
	if len(message) < 2 || message[0] != 0x30 {
		return 0
	}
	at := 2
	if message[1]&0x80 != 0 {
		at += int(message[1] & 0x7f)
	}
	if len(message) < at+3 || message[at] != 2 || message[at+1] != 1 {
		return 0
	}
	return int(message[at+2])
}

// secure reads a message of version 3.
func (d *decoder) secure(message []byte) (packet *gosnmp.SnmpPacket, answer []byte, err error) {
	if asked, err := d.probe.UnmarshalTrap(append([]byte(nil), message...), true); err == nil && asked.PDUType == gosnmp.GetRequest {
		answer, err := d.introduce(asked)
		return nil, answer, err
	}
	packet, err = d.secured.UnmarshalTrap(append([]byte(nil), message...), true)
	if err != nil {
		return nil, nil, fmt.Errorf("version 3: %w", err)
	}
	usm, ok := packet.SecurityParameters.(*gosnmp.UsmSecurityParameters)
	if !ok {
		return nil, nil, fmt.Errorf("version 3: another security model than the user-based")
	}
	if level, known := d.levels[usm.UserName]; !known || packet.MsgFlags&gosnmp.AuthPriv != level {
		return nil, nil, fmt.Errorf("version 3: user %q must send with the keys it has", usm.UserName)
	}
	if packet.PDUType == gosnmp.InformRequest {
		if usm.AuthoritativeEngineID != d.engine {
			return nil, nil, fmt.Errorf("version 3: the inform is for another engine")
		}
		return packet, nil, nil
	}
	return packet, nil, d.timely(usm)
}

// timely refuses what was sent before and is sent again by someone else.
func (d *decoder) timely(usm *gosnmp.UsmSecurityParameters) error {
	if usm.AuthenticationProtocol == gosnmp.NoAuth {
		return nil
	}
	known, ok := d.heard[usm.AuthoritativeEngineID]
	now := heard{usm.AuthoritativeEngineBoots, usm.AuthoritativeEngineTime}
	if ok && (now.boots < known.boots || now.boots == known.boots && now.time+window < known.time) {
		return fmt.Errorf("version 3: not in the time window of engine %x", usm.AuthoritativeEngineID)
	}
	if !ok && len(d.heard) >= enginesMost {
		clear(d.heard)
	}
	if !ok || now.boots > known.boots || now.time > known.time {
		d.heard[usm.AuthoritativeEngineID] = now
	}
	return nil
}

const usmStatsUnknownEngineIDs = ".1.3.6.1.6.3.15.1.1.4.0"

// introduce answers who asks for our engine before an inform (RFC 3414, 4).
func (d *decoder) introduce(asked *gosnmp.SnmpPacket) ([]byte, error) {
	asked.PDUType, asked.MsgFlags = gosnmp.Report, gosnmp.NoAuthNoPriv
	asked.SecurityParameters = &gosnmp.UsmSecurityParameters{AuthoritativeEngineID: d.engine, AuthoritativeEngineBoots: 1, AuthoritativeEngineTime: d.engineTime(),
		AuthenticationProtocol: gosnmp.NoAuth, PrivacyProtocol: gosnmp.NoPriv}
	asked.ContextEngineID = d.engine
	asked.Variables = []gosnmp.SnmpPDU{{Name: usmStatsUnknownEngineIDs, Type: gosnmp.Counter32, Value: uint32(1)}}
	return asked.MarshalMsg()
}

func (d *decoder) engineTime() uint32 {
	return uint32(max(0, d.clock.Now().Unix()-engineEpoch)) & 0x7fffffff
}

// acknowledge makes the response to an inform (RFC 3416, 4.2.7).
func acknowledge(packet *gosnmp.SnmpPacket) ([]byte, error) {
	packet.PDUType, packet.Error, packet.ErrorIndex = gosnmp.GetResponse, gosnmp.NoError, 0
	packet.MsgFlags &^= gosnmp.Reportable
	return packet.MarshalMsg()
}

const (
	oidUptime  = "1.3.6.1.2.1.1.3.0"
	oidTrap    = "1.3.6.1.6.3.1.1.4.1.0"
	oidAddress = "1.3.6.1.6.3.18.1.3.0"
	oidGeneric = "1.3.6.1.6.3.1.1.5"
)

func trapOf(p *gosnmp.SnmpPacket, from netip.Addr, names *mib.Set) (*Trap, error) {
	t := &Trap{Version: "2c", From: from, Agent: from}
	switch p.PDUType {
	case gosnmp.Trap: // of version 1; as version 2 would have it (RFC 3584, 3.1)
		t.Version = "1"
		t.OID = strings.TrimPrefix(p.Enterprise, ".") + ".0." + strconv.Itoa(p.SpecificTrap)
		if p.GenericTrap >= 0 && p.GenericTrap < 6 {
			t.OID = oidGeneric + "." + strconv.Itoa(p.GenericTrap+1)
		}
		t.Uptime = time.Duration(p.Timestamp) * 10 * time.Millisecond
		t.proxied(p.AgentAddress)
	case gosnmp.SNMPv2Trap, gosnmp.InformRequest:
		t.Inform = p.PDUType == gosnmp.InformRequest
		if usm, ok := p.SecurityParameters.(*gosnmp.UsmSecurityParameters); ok && p.Version == gosnmp.Version3 {
			t.Version, t.User = "3", usm.UserName
		}
	default:
		return nil, fmt.Errorf("a message of type %s is no notification", p.PDUType)
	}
	for _, pdu := range p.Variables {
		v := variableOf(pdu, names)
		switch v.OID {
		case oidUptime:
			ticks, _ := strconv.ParseUint(v.Value, 10, 32)
			t.Uptime = time.Duration(ticks) * 10 * time.Millisecond
			continue
		case oidTrap:
			t.OID = v.Value
			continue
		case oidAddress:
			t.proxied(v.Value)
		}
		t.Variables = append(t.Variables, v)
	}
	if t.OID == "" {
		return nil, fmt.Errorf("a notification that does not say which (no snmpTrapOID.0)")
	}
	if name, instance := nameOf(t.OID); instance == "" {
		t.Name = name
	}
	if node := names.Exact(t.OID); node != nil {
		t.Name = node.Name
	}
	return t, nil
}

// proxied takes the address of the agent that a proxy speaks for.
func (t *Trap) proxied(address string) {
	if a, err := netip.ParseAddr(address); err == nil && !a.IsUnspecified() && !a.IsLoopback() {
		t.Agent = a.Unmap()
	}
}

func variableOf(pdu gosnmp.SnmpPDU, names *mib.Set) Variable {
	v := Variable{OID: strings.TrimPrefix(pdu.Name, ".")}
	v.Name, v.Instance = nameOf(v.OID)
	node, instance := names.Object(v.OID)
	if node != nil && (v.Name == "" || len(instance) <= len(v.Instance)) {
		v.Name, v.Instance = node.Name, instance
	} else {
		node = nil
	}
	switch value := pdu.Value.(type) {
	case []byte:
		v.Value = written(value, node)
	case string:
		v.Value = strings.TrimPrefix(value, ".")
		if pdu.Type != gosnmp.ObjectIdentifier {
			v.Value = written([]byte(value), node)
		} else if named := names.Exact(v.Value); named != nil && v.OID != oidTrap {
			v.Value = named.Name
		}
	case int:
		v.Value = node.Integer(int64(value))
	case uint:
		v.Value = unsigned(uint64(value), node)
	case uint32:
		v.Value = unsigned(uint64(value), node)
	case net.IP:
		v.Value = value.String()
	case nil:
	default:
		v.Value = fmt.Sprint(value)
	}
	if v.Name == "ifAdminStatus" || v.Name == "ifOperStatus" {
		if word, ok := statuses[v.Value]; ok {
			v.Value = word
		}
	}
	return v
}

// written writes an OCTET STRING as its module has it.
func written(b []byte, node *mib.Node) string {
	if text, ok := node.Octets(b); ok {
		return text
	}
	return octets(b)
}

func unsigned(value uint64, node *mib.Node) string {
	if value > math.MaxInt64 {
		return strconv.FormatUint(value, 10)
	}
	return node.Integer(int64(value))
}

// octets writes an OCTET STRING as text where it is text, in hexadecimal
// where it is not, as a physical address is.
func octets(b []byte) string {
	s := strings.TrimRight(string(b), "\x00")
	if utf8.ValidString(s) && strings.IndexFunc(s, func(r rune) bool { return !unicode.IsPrint(r) && !unicode.IsSpace(r) }) < 0 {
		return s
	}
	if len(b) == 6 {
		return net.HardwareAddr(b).String()
	}
	return hex.EncodeToString(b)
}
