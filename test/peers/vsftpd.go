package peers

import "testing"

// StartVsftpd starts a file server for anonymous visitors that offers AUTH TLS.
func StartVsftpd(t testing.TB) *Daemon {
	t.Helper()
	d := newDaemon(t, "vsftpd")
	d.certify()
	d.mkdir("empty")
	config := d.write("vsftpd.conf", `listen=YES
listen_address=127.0.0.1
listen_port=$PORT
background=NO
anonymous_enable=YES
ssl_enable=YES
rsa_cert_file=$DIR/cert.pem
rsa_private_key_file=$DIR/key.pem
secure_chroot_dir=$DIR/empty
ftpd_banner=Test files
`)
	d.start("tcp", require(t, "vsftpd", "vsftpd"), config)
	return d
}
