package traps

import "strings"

// names are the identifiers that SNMP itself defines: SNMPv2-MIB (RFC 3418),
// IF-MIB (RFC 2863), RFC1213-MIB's egp group.
var names = map[string]string{
	"1.3.6.1.6.3.1.1.5.1": "coldStart", "1.3.6.1.6.3.1.1.5.2": "warmStart", "1.3.6.1.6.3.1.1.5.3": "linkDown", "1.3.6.1.6.3.1.1.5.4": "linkUp",
	"1.3.6.1.6.3.1.1.5.5": "authenticationFailure", "1.3.6.1.6.3.1.1.5.6": "egpNeighborLoss",

	"1.3.6.1.2.1.1.1": "sysDescr", "1.3.6.1.2.1.1.2": "sysObjectID", "1.3.6.1.2.1.1.3": "sysUpTime", "1.3.6.1.2.1.1.4": "sysContact",
	"1.3.6.1.2.1.1.5": "sysName", "1.3.6.1.2.1.1.6": "sysLocation",
	"1.3.6.1.2.1.2.2.1.1": "ifIndex", "1.3.6.1.2.1.2.2.1.2": "ifDescr", "1.3.6.1.2.1.2.2.1.3": "ifType", "1.3.6.1.2.1.2.2.1.4": "ifMtu",
	"1.3.6.1.2.1.2.2.1.5": "ifSpeed", "1.3.6.1.2.1.2.2.1.6": "ifPhysAddress", "1.3.6.1.2.1.2.2.1.7": "ifAdminStatus", "1.3.6.1.2.1.2.2.1.8": "ifOperStatus",
	"1.3.6.1.2.1.2.2.1.9": "ifLastChange", "1.3.6.1.2.1.31.1.1.1.1": "ifName", "1.3.6.1.2.1.31.1.1.1.15": "ifHighSpeed", "1.3.6.1.2.1.31.1.1.1.18": "ifAlias",
	"1.3.6.1.2.1.8.5.1.2": "egpNeighAddr",
	"1.3.6.1.6.3.1.1.4.1": "snmpTrapOID",
	"1.3.6.1.6.3.1.1.4.3": "snmpTrapEnterprise",
	"1.3.6.1.6.3.18.1.3":  "snmpTrapAddress",
	"1.3.6.1.6.3.18.1.4":  "snmpTrapCommunity",
}

// statuses are the values of ifAdminStatus and ifOperStatus (RFC 2863).
var statuses = map[string]string{"1": "up", "2": "down", "3": "testing", "4": "unknown", "5": "dormant", "6": "notPresent", "7": "lowerLayerDown"}

// nameOf finds the longest known beginning of an identifier: its name and the
// instance that follows.
func nameOf(oid string) (name, instance string) {
	for head := oid; head != ""; {
		if found, ok := names[head]; ok {
			return found, strings.TrimPrefix(oid[len(head):], ".")
		}
		cut := strings.LastIndexByte(head, '.')
		if cut < 0 {
			break
		}
		head = head[:cut]
	}
	return "", ""
}
