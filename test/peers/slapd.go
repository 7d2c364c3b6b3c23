package peers

import "testing"

// StartSlapd starts a directory: cn=admin,dc=example,dc=org with password "adminpw",
// and the one entry dc=example,dc=org with o=Example. It offers STARTTLS.
func StartSlapd(t testing.TB) *Daemon {
	t.Helper()
	d := newDaemon(t, "slapd")
	program := require(t, "slapd", "slapd")
	d.certify()
	d.mkdir("db")
	config := d.write("slapd.conf", `include /etc/ldap/schema/core.schema
modulepath /usr/lib/ldap
moduleload back_mdb
pidfile $DIR/pid
TLSCertificateFile $DIR/cert.pem
TLSCertificateKeyFile $DIR/key.pem
database mdb
suffix "dc=example,dc=org"
rootdn "cn=admin,dc=example,dc=org"
rootpw adminpw
directory $DIR/db
`)
	entries := d.write("entries.ldif", "dn: dc=example,dc=org\nobjectClass: dcObject\nobjectClass: organization\no: Example\ndc: example\n")
	d.run(require(t, "slapadd", "slapd"), "-f", config, "-l", entries)
	d.start("tcp", program, "-d", "0", "-f", config, "-h", "ldap://"+d.Address()+"/")
	return d
}
