package peers

import "testing"

// StartSNMPD starts an SNMP agent: community public, and user bob of version 3 with
// SHA-256 "authpass1" and AES "privpass1"; its location is "lab".
func StartSNMPD(t testing.TB) *Daemon {
	t.Helper()
	d := newDaemon(t, "snmpd")
	config := d.write("snmpd.conf", `agentaddress udp:127.0.0.1:$PORT
[snmp] persistentDir $DIR/var
rocommunity public 127.0.0.1
sysLocation lab
createUser bob SHA-256 "authpass1" AES "privpass1"
rouser bob authpriv
`)
	d.start("udp", require(t, "snmpd", "snmpd"), "-f", "-Lo", "-C", "-c", config, "-p", d.Dir+"/pid")
	return d
}
