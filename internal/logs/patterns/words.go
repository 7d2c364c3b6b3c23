package patterns

import "strings"

// Classes of bytes, by what they do to a token.
const (
	letter byte = iota // and everything that is not ASCII
	upper
	digit
	space
	fence // a token of its own: brackets, commas
	quote
	equals
	colon
	slash // makes a value: / \ @
	dot
	joint // makes a name: - _
	other
)

var classes = func() (t [256]byte) {
	for c := range t {
		switch b := byte(c); {
		case b >= 'a' && b <= 'z' || b >= 0x80:
			t[c] = letter
		case b >= 'A' && b <= 'Z':
			t[c] = upper
		case b >= '0' && b <= '9':
			t[c] = digit
		case b <= ' ' || b == 0x7f:
			t[c] = space
		default:
			t[c] = other
		}
	}
	for _, group := range []struct {
		bytes string
		class byte
	}{{"()[]{}<>,;|", fence}, {"\"'`", quote}, {"=", equals}, {":", colon}, {`/\@`, slash}, {".", dot}, {"-_", joint}} {
		for i := range len(group.bytes) {
			t[group.bytes[i]] = group.class
		}
	}
	return t
}()

func setOf(words string) map[string]bool {
	out := map[string]bool{}
	for _, w := range strings.Fields(words) {
		out[w] = true
	}
	return out
}

// units belong to the number before them: "3 ms" and "1 second" are one value.
var units = setOf(`ns us µs ms s sec secs second seconds msec msecs usec usecs m min mins minute minutes h hr hrs hour hours d day days week weeks
	b B byte bytes kb kB KB KiB mb MB MiB gb GB GiB tb TB TiB Kbps Mbps Gbps Mb/s Gb/s kB/s MB/s KB/s Hz kHz MHz GHz % percent pages page`)

// months and weekdays are parts of dates.
var dates = setOf(`Jan Feb Mar Apr Jun Jul Aug Sep Oct Nov Dec Mon Tue Wed Thu Fri Sat Sun
	Monday Tuesday Wednesday Thursday Friday Saturday Sunday January February March April June July August September October November December`)

// fixed are words that a program writes, and that are no names: two messages
// that differ in one of them say different things.
var fixed = setOf(`a an the and or not no nor of on off in into out up down at to from for with without by as is are was were be been has have had
	will would can cannot could may must should do does did if when while until after before because since than then this that these those it its
	all any some each both another only already still yet again never always too more less most least many few new old
	start stop open close read write send recv receive get set put add remove delete create update insert load save begin end abort commit
	enable disable connect disconnect accept reject allow deny grant bind listen lock unlock mount unmount attach detach join leave
	enter exit return ok fail failure success error warning info fatal debug notice critical invalid valid bad good missing empty full
	true false yes online offline busy lost found first last next previous
	left right high low above below over under input output request response query reply such same different timeout`)

// labels are words before a colon, within a message, after which a text of
// another program stands, or of the system.
var labels = setOf(`error err failed failure message output exception detail details description Product Manufacturer warning stderr stdout text`)

// commands are words after which a command or a statement stands, to the end.
var commands = setOf(`command cmd CMD COMMAND statement query sql SQL STATEMENT Query exec`)

// introducers are followed by names more often than by words of the program.
var introducers = setOf(`user users username uid group host hostname for from by interface device dev port service unit server client node pod container image
	volume table database db schema index relation column role domain zone mailbox folder process program command module plugin driver bucket topic queue
	thread session named name called account realm key method cipher protocol to on via peer address backend frontend proxy job task file directory
	namespace network bridge vm instance cluster member leader replica slot extension target type class kind mode state status`)

// phrases are the texts of system errors (strerror of the GNU C library, of
// errno.h), by their first word, the longest first. A program prints them where
// its message has %m or %s.
var phrases = byFirstWord(`Operation not permitted|No such file or directory|No such process|Interrupted system call|Input/output error|No such device or address|
	Argument list too long|Exec format error|Bad file descriptor|No child processes|Resource temporarily unavailable|Cannot allocate memory|
	Permission denied|Bad address|Block device required|Device or resource busy|File exists|Invalid cross-device link|No such device|Not a directory|
	Is a directory|Invalid argument|Too many open files in system|Too many open files|Inappropriate ioctl for device|Text file busy|File too large|
	No space left on device|Illegal seek|Read-only file system|Too many links|Broken pipe|Numerical argument out of domain|Numerical result out of range|
	Resource deadlock avoided|File name too long|No locks available|Function not implemented|Directory not empty|Too many levels of symbolic links|
	No message of desired type|Identifier removed|Protocol error|Bad message|Value too large for defined data type|Name not unique on network|
	Invalid or incomplete multibyte or wide character|Too many users|Socket operation on non-socket|Destination address required|Message too long|
	Protocol wrong type for socket|Protocol not available|Protocol not supported|Socket type not supported|Operation not supported|
	Address family not supported by protocol|Address already in use|Cannot assign requested address|Network is down|Network is unreachable|
	Network dropped connection on reset|Software caused connection abort|Connection reset by peer|Connection reset|No buffer space available|
	Transport endpoint is already connected|Transport endpoint is not connected|Connection timed out|Connection refused|Host is down|No route to host|
	Operation already in progress|Operation now in progress|Stale file handle|Disk quota exceeded|Operation canceled|Key has expired|
	Name or service not known|Temporary failure in name resolution|No address associated with hostname|Success|End of file|Undefined error`)

func byFirstWord(list string) map[string][]string {
	out := map[string][]string{}
	for _, p := range strings.Split(list, "|") {
		p = strings.TrimSpace(p)
		first, _, _ := strings.Cut(p, " ")
		out[first] = append(out[first], p)
	}
	return out
}

// spoken are keys whose value is the message itself.
func spoken(key string) bool {
	switch key {
	case "msg", "message", "MESSAGE", "event":
		return true
	}
	return false
}
