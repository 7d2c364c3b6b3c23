package traps

import (
	"net/netip"
	"testing"
	"time"

	"github.com/gosnmp/gosnmp"

	"mainstay/internal/core"
	"mainstay/internal/core/coretest"
	"mainstay/internal/events/traps/mib"
)

func FuzzDecode(f *testing.F) {
	trap := func(version gosnmp.SnmpVersion, kind gosnmp.PDUType) []byte {
		p := &gosnmp.SnmpPacket{Version: version, Community: "public", PDUType: kind, RequestID: 1, MsgMaxSize: 65507, SecurityModel: gosnmp.UserSecurityModel,
			Variables: []gosnmp.SnmpPDU{{Name: "." + oidUptime, Type: gosnmp.TimeTicks, Value: uint32(1)}, {Name: "." + oidTrap, Type: gosnmp.ObjectIdentifier, Value: "." + oidGeneric + ".3"},
				{Name: ".1.3.6.1.2.1.2.2.1.1.3", Type: gosnmp.Integer, Value: 3}, {Name: ".1.3.6.1.2.1.2.2.1.2.3", Type: gosnmp.OctetString, Value: "eth\x00\xff"}}}
		if version == gosnmp.Version3 {
			p.SecurityParameters = &gosnmp.UsmSecurityParameters{UserName: "plain", AuthoritativeEngineID: "\x80\x00\x00\x00\x05abc", AuthenticationProtocol: gosnmp.NoAuth, PrivacyProtocol: gosnmp.NoPriv}
		}
		if kind == gosnmp.Trap {
			p.Variables = p.Variables[2:]
			p.SnmpTrap = gosnmp.SnmpTrap{Enterprise: ".1.3.6.1.4.1.9", AgentAddress: "192.0.2.1", GenericTrap: 6, SpecificTrap: 1}
		}
		message, err := p.MarshalMsg()
		if err != nil {
			f.Fatal(err)
		}
		return message
	}
	for _, message := range [][]byte{trap(gosnmp.Version2c, gosnmp.SNMPv2Trap), trap(gosnmp.Version2c, gosnmp.InformRequest), trap(gosnmp.Version1, gosnmp.Trap), trap(gosnmp.Version3, gosnmp.SNMPv2Trap)} {
		f.Add(message)
	}
	clock := coretest.NewClock(time.Date(2026, 3, 1, 8, 0, 0, 0, time.UTC))
	users := []User{{Name: "plain"}, {Name: "signed", Auth: "SHA", AuthKey: "authpass1", Priv: "AES", PrivKey: "privpass1"}}
	d, err := newDecoder(users, nil, "node", clock)
	if err != nil {
		f.Fatal(err)
	}
	set, problems := mib.Compile([]mib.File{{Name: "ACME", Text: []byte("ACME-MIB DEFINITIONS ::= BEGIN IMPORTS enterprises FROM SNMPv2-SMI; acme OBJECT IDENTIFIER ::= { mgmt 1 2 2 1 } kind OBJECT-TYPE SYNTAX DisplayString ::= { acme 2 } END")}})
	if len(problems) > 0 {
		f.Fatal(problems)
	}
	d.names = func() *mib.Set { return set }
	from := netip.MustParseAddr("192.0.2.9")
	f.Fuzz(func(t *testing.T, message []byte) {
		trap, packet, answer, err := d.decode(message, from)
		switch {
		case err != nil:
			if trap != nil || answer != nil {
				t.Error("a result beside an error")
			}
		case answer == nil:
			for _, r := range standard() {
				if !r.fits(trap) {
					continue
				}
				e := trap.event(r, "", "id", clock.Now())
				if e.Key == "" || len(e.Key) > 512 || len(e.Title) > 1000 || e.Severity < core.Clear {
					t.Errorf("%+v", e)
				}
				trap.record(r, "", clock.Now())
			}
			if trap.Inform {
				_, _ = acknowledge(packet)
			}
		}
	})
}
