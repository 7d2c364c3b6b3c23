package patterns_test

import (
	"bufio"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// printed is a message and which of its catalogue's it is.
type printed struct {
	text    string
	source  string
	message int // over all catalogues
}

// catalogue is the messages of one program.
type catalogue struct {
	name     string
	messages []string
}

func catalogues(tb testing.TB, prefix string) []catalogue {
	tb.Helper()
	paths, err := filepath.Glob(filepath.Join("testdata", "catalogues", prefix+"-*.txt"))
	if err != nil || len(paths) == 0 {
		tb.Fatalf("no catalogues: %v", err)
	}
	var out []catalogue
	for _, path := range paths {
		file, err := os.Open(path)
		if err != nil {
			tb.Fatal(err)
		}
		c := catalogue{name: strings.TrimSuffix(filepath.Base(path), ".txt")}
		for lines := bufio.NewScanner(file); lines.Scan(); {
			if line := lines.Text(); line != "" && !strings.HasPrefix(line, "#") {
				c.messages = append(c.messages, line)
			}
		}
		file.Close()
		out = append(out, c)
	}
	return out
}

// stream prints n messages of each catalogue, mixed. Some messages are printed
// much more often than others (Zipf), as programs do.
func stream(list []catalogue, n int, seed uint64) []printed {
	rng := rand.New(rand.NewPCG(seed, 7))
	var out []printed
	base := 0
	for _, c := range list {
		order := rng.Perm(len(c.messages))
		zipf := rand.NewZipf(rng, 1.2, 6, uint64(len(c.messages)-1))
		for range n {
			i := order[zipf.Uint64()]
			out = append(out, printed{fill(c.messages[i], rng), c.name, base + i})
		}
		base += len(c.messages)
	}
	rng.Shuffle(len(out), func(i, j int) { out[i], out[j] = out[j], out[i] })
	return out
}

// fill prints a message with values drawn at random.
func fill(message string, rng *rand.Rand) string {
	message = strings.NewReplacer("{{", "\x01", "}}", "\x02").Replace(message)
	var b strings.Builder
	for {
		before, rest, ok := strings.Cut(message, "{")
		b.WriteString(before)
		if !ok {
			break
		}
		kind, after, _ := strings.Cut(rest, "}")
		b.WriteString(draw(kind, rng))
		message = after
	}
	return strings.NewReplacer("\x01", "{", "\x02", "}").Replace(b.String())
}

// pools are kinds whose values are one of a list, separated by |.
var pools = map[string]string{
	"user":        "root|admin|alice|bob|carol|dave|erin|frank|grace|heidi|ivan|judy|mallory|niaj|olivia|peggy|rupert|sybil|trent|victor|walter|www-data|postgres|backup|nagios|git|deploy|ubuntu|test|oracle|ftpuser|guest|jenkins|ansible|zabbix|mysql|svc_web|j.doe|m.mueller|user1|dev2",
	"vrrp":        "VI_1|VI_2|gateway|lb_external|lb_internal|dns",
	"script":      "chk_haproxy|check_apache|chk_nginx|fwd-central|remote|archive|track_db",
	"quota":       "none|journalled|writeback",
	"pamservice":  "sshd|sudo|su|cron|login|systemd-user|gdm-password|su-l",
	"comm":        "nginx|mysqld|java|python3|node|postgres|cron|sshd|redis-server|bash|apache2|php-fpm8.2|chrome|dockerd|prometheus|gunicorn|imap-login|qemu-system-x86|rsyslogd|perl",
	"word3":       "none|open|exec|file_lock|writeback|create|mknod|getattr",
	"authmethod":  "password|publickey|keyboard-interactive/pam|hostbased|gssapi-with-mic|scram-sha-256|md5",
	"keytype":     "RSA|ED25519|ECDSA",
	"subsystem":   "sftp|netconf",
	"result":      "exit-code|timeout|signal|core-dump|watchdog|start-limit-hit|stop-sigterm|resources",
	"signal":      "SIGTERM|SIGKILL|SIGSEGV|SIGABRT|SIGINT|SIGHUP|SIGQUIT",
	"sigword":     "terminated|interrupt|hangup",
	"sigdescr":    "Killed|Segmentation fault|Aborted|Bus error|Terminated",
	"unit":        "nginx.service|ssh.service|cron.service|postgresql@15-main.service|docker.service|apt-daily.timer|user@1000.service|systemd-journald.service|rsyslog.service|fail2ban.service|NetworkManager.service|logrotate.service|snapd.socket|man-db.timer|fstrim.service|dbus.service",
	"descr":       "OpenBSD Secure Shell server|Daily apt download activities|A high performance web server|Regular background program processing daemon|Docker Application Container Engine|Rotate log files|User Manager|System Logging Service|Power Button|Cleanup of Temporary Directories|PostgreSQL Cluster 15-main|Discard unused blocks",
	"iface":       "eth0|eth1|enp3s0|enp0s31f6|wlan0|wlp2s0|br0|docker0|veth3a1b2c|bond0|tun0|lo|ens192|eno1",
	"disk":        "sda|sdb|sdc|sda1|sdb2|nvme0n1|nvme0n1p2|dm-0|md127|vda|vdb1",
	"driver":      "xhci_hcd|ehci-pci|uhci_hcd|dwc2",
	"product":     "USB Receiver|DataTraveler 3.0|Ultra Fit|USB2.0 Hub|Logitech Webcam|Yubikey 4",
	"vendor":      "Kingston|Logitech|SanDisk|Yubico|Realtek|Genesys Logic",
	"atacmd":      "READ FPDMA QUEUED|WRITE FPDMA QUEUED|FLUSH CACHE EXT|READ DMA EXT",
	"clocksource": "tsc|hpet|kvm-clock|acpi_pm",
	"lib":         "libc.so.6|libcrypto.so.3|libpython3.11.so.1.0|nginx|ld-linux-x86-64.so.2",
	"smtpverb":    "AUTH|EHLO|RCPT|DATA|STARTTLS|UNKNOWN|CONNECT|MAIL|BDAT",
	"saslmech":    "PLAIN|LOGIN|CRAM-MD5|DIGEST-MD5|XOAUTH2",
	"smtpreply":   "250 2.0.0 Ok: queued as 4F3aB1c2D|250 2.0.0 OK  1700000000 x12si0 - gsmtp|250 OK id=1r8Yx1-0003|250 Message accepted|250 2.6.0 Queued mail for delivery",
	"cipher":      "TLS_AES_256_GCM_SHA384|TLS_CHACHA20_POLY1305_SHA256|ECDHE-RSA-AES256-GCM-SHA384|TLS_AES_128_GCM_SHA256",
	"dsn":         "2.0.0|4.4.1|5.1.1|4.7.0|2.6.0",
	"httpmethod":  "GET|POST|HEAD|PUT|DELETE|OPTIONS",
	"table":       "users|orders|order_items|shop|invoices|sessions|audit_log|products|customers|inventory|events|pg_stat|accounts_pkey|idx_orders_date|payments|app|billing|app_production",
	"lockmode":    "AccessExclusiveLock|ShareLock|RowExclusiveLock|ShareUpdateExclusiveLock|AccessShareLock",
	"ckptreason":  "time|wal|immediate force wait|shutdown immediate|force wait",
	"sql":         "SELECT 1|SELECT * FROM users WHERE id = 17|UPDATE orders SET state = 'paid' WHERE id = 9|INSERT INTO audit_log (a, b) VALUES (1, 2)|COMMIT|DELETE FROM sessions WHERE expires < now()|BEGIN|SELECT count(*) FROM orders",
	"cmd":         "/usr/lib/sysstat/debian-sa1|test -x /usr/sbin/anacron|cd / && run-parts --report /etc/cron.hourly|/usr/bin/systemctl restart nginx|/bin/bash|php /var/www/cron.php > /dev/null 2>&1|/usr/local/bin/backup.sh --full|/usr/bin/apt update|command -v debian-sa1 > /dev/null && debian-sa1 1 1",
	"tty":         "pts/0|pts/1|tty1|pts/12|ttyS0",
	"name":        "one|api_limit|epoll|perip|systemd-resolved|rndc-key|reload|default|dnsmasq|stats|ddns-key|flush|overlayfs|btrfs|zfs|login|static",
	"image":       "nginx:latest|redis:7|postgres:15-alpine|registry.example.com/shop/api:1.4.2|busybox|python:3.11|myapp",
	"errtext":     "connection refused|dial tcp: lookup registry-1.docker.io: no such host|context deadline exceeded|Primary script unknown|i/o timeout|EOF|HTTP probe failed with statuscode: 503|Unknown column 'x' in 'field list'|error:0A000126:SSL routines::unexpected eof while reading|PHP message: PHP Warning: Undefined variable $x in /var/www/a.php on line 9|no such file or directory|permission denied|server gave HTTP response to HTTPS client|Lost connection to MySQL server during query",
	"mailbox":     "INBOX|Sent|Trash|Drafts|Archive|Junk|Lists/linux|Kunden",
	"rrtype":      "A|AAAA|MX|TXT|SOA|NS|PTR|SRV|CNAME|HTTPS|DS",
	"feend":       "www|https-in|fe_api|http_front|public|stats|fe_mail~|main",
	"beend":       "be_app|static|api|www_backend|bk_shop|mail|servers|nodes",
	"srv":         "web1|web2|app01|node-a|node-b|srv3|blue|green|s1",
	"status":      "200|301|302|404|500|502|503|304|403",
	"nmstate":     "disconnected|prepare|config|need-auth|ip-config|ip-check|secondaries|activated|unavailable|unmanaged|deactivating|failed",
	"nmreason":    "none|managed|carrier-changed|user-requested|supplicant-available|ssid-not-found|connection-removed|new-activation|dependency-failed|ip-config-unavailable",
	"nmtype":      "Ethernet|Bridge|Veth|802.11 WiFi|Loopback|Tun|Generic|Bond",
	"supstate":    "disconnected|inactive|scanning|authenticating|associating|associated|4way_handshake|completed|interface_disabled",
	"conname":     "Wired connection 1|Home WiFi|office|eduroam|docker0|FRITZ!Box 7590|Guest Network|lo|vpn-berlin",
	"fourletter":  "ruok|stat|mntr|srvr|cons|conf",
	"probe":       "readiness|liveness|startup",
	"probestatus": "ready|unhealthy|started|not ready",
	"container":   "web|api|nginx|postgres|redis|sidecar|istio-proxy|shop-7d9f8b6c5-x2x9k|worker-5c6d7f-abcde|prometheus",
	"volume":      "kube-api-access-x7k2p|config|data|default-token-abcde|certs|kube-api-access-9q8r7",
	"nodestate":   "Normal|FullDisruption|PartialDisruption",
	"yarnstate":   "NEW|LOCALIZING|LOCALIZED|SCHEDULED|RUNNING|EXITED_WITH_SUCCESS|EXITED_WITH_FAILURE|KILLING|DONE|INITING|FINISHED",
	"kexlist":     "diffie-hellman-group1-sha1|diffie-hellman-group14-sha1,diffie-hellman-group1-sha1|ssh-rsa,ssh-dss|ssh-dss",
	"errno":       "Connection refused|Connection timed out|No such file or directory|Permission denied|Broken pipe|Connection reset by peer|No route to host|Address already in use|Network is unreachable|Too many open files|No space left on device|Input/output error",
	"month":       "Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec",
	"path":        "/etc/ssh/ssh_host_rsa_key|/var/lib/app/data.db|/home/alice/.ssh|/var/www/html/index.php|/usr/sbin/mariadbd|/tmp/x|/var/log/journal/ab12/system.journal|/etc/aliases.db|/srv/hadoop/dfs/data/current/blk_1|/org/freedesktop/NetworkManager/Devices/3|/dev/input/event2|/brokers/ids/3|/var/spool/mail/bob|/run/docker.sock",
	"hostlabel":   "web|db|mail|app|node|cache|gateway|proxy|worker|build|edge|core|monitor|files|ns",
	"tld":         "example.com|example.org|corp.example|berlin.example.net|internal|test.example",
}

const hexDigits = "0123456789abcdef"

func letters(rng *rand.Rand, alphabet string, n int) string {
	b := make([]byte, n)
	for i := range b {
		b[i] = alphabet[rng.IntN(len(alphabet))]
	}
	return string(b)
}

func draw(kind string, rng *rand.Rand) string {
	if pool, ok := pools[kind]; ok {
		list := strings.Split(pool, "|")
		return list[rng.IntN(len(list))]
	}
	hex := func(n int) string { return letters(rng, hexDigits, n) }
	n := rng.IntN
	switch kind {
	case "int":
		return fmt.Sprint(n([]int{2, 10, 100, 10_000, 1 << 30}[n(5)]))
	case "port":
		return fmt.Sprint(1 + n(65535))
	case "float":
		return fmt.Sprintf("%.2f", rng.Float64()*100)
	case "ip":
		if n(8) == 0 {
			return fmt.Sprintf("2001:db8:%s::%s", hex(4), hex(2))
		}
		return fmt.Sprintf("%d.%d.%d.%d", 1+n(223), n(256), n(256), 1+n(254))
	case "host":
		name := draw("hostlabel", rng)
		switch n(4) {
		case 0:
			return name
		case 1:
			return name + "." + draw("tld", rng)
		case 2:
			return fmt.Sprintf("%s-%02d", name, n(20))
		}
		return fmt.Sprintf("%s%d", name, n(30))
	case "fqdn":
		if n(12) == 0 {
			return "unknown"
		}
		return fmt.Sprintf("%s%d.%s", draw("hostlabel", rng), n(20), draw("tld", rng))
	case "email":
		if n(10) == 0 {
			return draw("user", rng)
		}
		return draw("user", rng) + "@" + draw("tld", rng)
	case "msgid":
		return hex(12) + "." + hex(6) + "@" + draw("tld", rng)
	case "hex":
		return "0x" + hex(1+n(10))
	case "hex4":
		return hex(4)
	case "hex8":
		return strings.ToUpper(hex(8))
	case "hex16":
		return hex(16)
	case "hexword":
		return hex(9)
	case "sha":
		return hex(64)
	case "uuid":
		return hex(8) + "-" + hex(4) + "-" + hex(4) + "-" + hex(4) + "-" + hex(12)
	case "mac":
		return fmt.Sprintf("%s:%s:%s:%s:%s:%s", hex(2), hex(2), hex(2), hex(2), hex(2), hex(2))
	case "base64":
		return letters(rng, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/", 24)
	case "serial":
		return letters(rng, "ABCDEF0123456789", 12)
	case "queueid":
		return letters(rng, "0123456789ABCDEF", 10+n(2))
	case "uptime":
		return fmt.Sprintf("%5d.%06d", n(1_000_000), n(1_000_000))
	case "usbport":
		return fmt.Sprintf("%d-%d", 1+n(4), 1+n(8))
	case "scsi":
		return fmt.Sprintf("%d:0:%d:0", n(8), n(4))
	case "size":
		return fmt.Sprintf("%.1f%s", rng.Float64()*500, []string{"M", "G", " MB", " GiB", "K"}[n(5)])
	case "duration":
		return []string{fmt.Sprintf("%dms", n(1000)), fmt.Sprintf("%.3fs", rng.Float64()*60), fmt.Sprintf("%dmin %d.%03ds", n(60), n(60), n(1000)), fmt.Sprintf("%dm%ds", n(60), n(60)), fmt.Sprintf("%ds", n(100))}[n(5)]
	case "delays":
		return fmt.Sprintf("%.2f/%.2f/%d/%d", rng.Float64(), rng.Float64(), n(30), n(30))
	case "clock":
		return fmt.Sprintf("%02d:%02d:%02d", n(24), n(60), n(60))
	case "day":
		return fmt.Sprintf("%02d", 1+n(28))
	case "year":
		return fmt.Sprint(2020 + n(7))
	case "epoch":
		return fmt.Sprintf("%d.%04d", 1_700_000_000+n(1e8), n(10_000))
	case "datetime":
		return fmt.Sprintf("%d-%02d-%02d %02d:%02d:%02d UTC", 2020+n(7), 1+n(12), 1+n(28), n(24), n(60), n(60))
	case "rfc3339":
		return fmt.Sprintf("%d-%02d-%02dT%02d:%02d:%02d.%09dZ", 2020+n(7), 1+n(12), 1+n(28), n(24), n(60), n(60), n(1e9))
	case "klog":
		return fmt.Sprintf("%c%02d%02d %02d:%02d:%02d.%06d %7d", "IWE"[n(3)], 1+n(12), 1+n(28), n(24), n(60), n(60), n(1e6), n(1e6))
	case "version":
		return fmt.Sprintf("%d.%d.%d", n(20), n(30), n(20))
	case "lsn":
		return strings.ToUpper(fmt.Sprintf("%x/%x", n(256), n(1<<31)))
	case "url":
		return fmt.Sprintf("http%s://%s:%d/%s", []string{"", "s"}[n(2)], draw("fqdn", rng), 1+n(65535), hex(5))
	case "urlpath":
		return "/v1.43/containers/" + hex(12) + []string{"/json", "/start", "", "/wait?condition=removed"}[n(4)]
	case "request":
		return draw("httpmethod", rng) + " /" + hex(4) + "/" + draw("hostlabel", rng) + []string{"", "?q=a&b=2", ".php", "/wp-login.php"}[n(4)] + " HTTP/1.1"
	case "pod":
		return []string{"default", "kube-system", "shop", "monitoring"}[n(4)] + "/" + draw("container", rng)
	case "binlog":
		return fmt.Sprintf("mariadb-bin.%06d", n(1e6))
	case "yarn":
		return fmt.Sprintf("container_%d_%04d_01_%06d", 1_400_000_000_000+n(1e9), n(1e4), n(1e6))
	case "yarnapp":
		return fmt.Sprintf("application_%d_%04d", 1_400_000_000_000+n(1e9), n(1e4))
	}
	panic("no kind of value is called " + kind)
}
