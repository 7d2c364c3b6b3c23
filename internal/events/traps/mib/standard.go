package mib

// roots are identifiers that modules import and that nothing is called by
// itself: SNMPv2-SMI (RFC 2578), RFC1155-SMI, SNMPv2-MIB (RFC 3418), IF-MIB
// (RFC 2863), RFC1213-MIB.
func roots() map[string]string {
	return map[string]string{
		"ccitt": "0", "iso": "1", "joint-iso-ccitt": "2", "zeroDotZero": "0.0", "org": "1.3", "dod": "1.3.6", "internet": "1.3.6.1",
		"directory": "1.3.6.1.1", "mgmt": "1.3.6.1.2", "mib-2": "1.3.6.1.2.1", "experimental": "1.3.6.1.3", "private": "1.3.6.1.4",
		"enterprises": "1.3.6.1.4.1", "security": "1.3.6.1.5", "snmpV2": "1.3.6.1.6", "snmpDomains": "1.3.6.1.6.1", "snmpProxys": "1.3.6.1.6.2",
		"snmpModules": "1.3.6.1.6.3", "snmpMIB": "1.3.6.1.6.3.1", "snmpMIBObjects": "1.3.6.1.6.3.1.1", "snmpTraps": "1.3.6.1.6.3.1.1.5",
		"system": "1.3.6.1.2.1.1", "interfaces": "1.3.6.1.2.1.2", "ifTable": "1.3.6.1.2.1.2.2", "ifEntry": "1.3.6.1.2.1.2.2.1", "at": "1.3.6.1.2.1.3",
		"ip": "1.3.6.1.2.1.4", "icmp": "1.3.6.1.2.1.5", "tcp": "1.3.6.1.2.1.6", "udp": "1.3.6.1.2.1.7", "egp": "1.3.6.1.2.1.8",
		"transmission": "1.3.6.1.2.1.10", "snmp": "1.3.6.1.2.1.11", "host": "1.3.6.1.2.1.25", "ifMIB": "1.3.6.1.2.1.31", "ifMIBObjects": "1.3.6.1.2.1.31.1",
		"ifXTable": "1.3.6.1.2.1.31.1.1", "ifXEntry": "1.3.6.1.2.1.31.1.1.1", "entityMIB": "1.3.6.1.2.1.47", "snmpFrameworkMIB": "1.3.6.1.6.3.10",
	}
}

// conventions are textual conventions that modules import: SNMPv2-TC (RFC
// 2579), INET-ADDRESS-MIB (RFC 4001), SNMP-FRAMEWORK-MIB (RFC 3411).
func conventions() map[string]*syntax {
	octets := func(hint string) *syntax { return &syntax{name: "OCTET STRING", hint: hint} }
	values := func(names ...string) *syntax {
		s := &syntax{name: "INTEGER", values: map[int64]string{}}
		for i, name := range names {
			if name != "" {
				s.values[int64(i)] = name
			}
		}
		return s
	}
	return map[string]*syntax{
		"DisplayString": octets("255a"), "SnmpAdminString": octets("255t"), "OwnerString": octets("255a"), "PhysAddress": octets("1x:"), "MacAddress": octets("1x:"),
		"DateAndTime": octets("2d-1d-1d,1d:1d:1d.1d,1a1d:1d"), "SnmpEngineID": octets("1x"),
		"TruthValue":      values("", "true", "false"),
		"RowStatus":       values("", "active", "notInService", "notReady", "createAndGo", "createAndWait", "destroy"),
		"StorageType":     values("", "other", "volatile", "nonVolatile", "permanent", "readOnly"),
		"InetAddressType": {name: "INTEGER", values: map[int64]string{0: "unknown", 1: "ipv4", 2: "ipv6", 3: "ipv4z", 4: "ipv6z", 16: "dns"}},
	}
}
