package grok

// standard are the names that everybody expects, written for RE2, which looks
// neither ahead nor behind: bounds of words stand where others look around.
func standard(name string) (string, bool) {
	body, ok := standardPatterns[name]
	return body, ok
}

var standardPatterns = map[string]string{
	"USERNAME": `[a-zA-Z0-9._-]+`, "USER": `%{USERNAME}`, "EMAILLOCALPART": `[a-zA-Z0-9!#$%&'*+/=?^_.{|}~-]+`, "EMAILADDRESS": `%{EMAILLOCALPART}@%{HOSTNAME}`,
	"INT": `[+-]?[0-9]+`, "BASE10NUM": `[+-]?(?:[0-9]+(?:\.[0-9]+)?|\.[0-9]+)`, "NUMBER": `%{BASE10NUM}`, "BASE16NUM": `[+-]?(?:0x)?[0-9A-Fa-f]+`,
	"POSINT": `\b[1-9][0-9]*\b`, "NONNEGINT": `\b[0-9]+\b`, "BOOL": `(?:true|false)`,
	"WORD": `\b\w+\b`, "NOTSPACE": `\S+`, "SPACE": `\s*`, "DATA": `.*?`, "GREEDYDATA": `.*`,
	"QUOTEDSTRING": `(?:"(?:\\.|[^\\"])*"|'(?:\\.|[^\\'])*')`, "QS": `%{QUOTEDSTRING}`,
	"UUID": `[A-Fa-f0-9]{8}-(?:[A-Fa-f0-9]{4}-){3}[A-Fa-f0-9]{12}`, "URN": `urn:[0-9A-Za-z][0-9A-Za-z-]{0,31}:[0-9a-zA-Z()+,.:=@;$_!*'/?#%-]+`,

	"MAC": `(?:%{CISCOMAC}|%{WINDOWSMAC}|%{COMMONMAC})`, "CISCOMAC": `(?:[A-Fa-f0-9]{4}\.){2}[A-Fa-f0-9]{4}`,
	"WINDOWSMAC": `(?:[A-Fa-f0-9]{2}-){5}[A-Fa-f0-9]{2}`, "COMMONMAC": `(?:[A-Fa-f0-9]{2}:){5}[A-Fa-f0-9]{2}`,
	"IPV4": `(?:(?:25[0-5]|2[0-4][0-9]|1?[0-9]{1,2})\.){3}(?:25[0-5]|2[0-4][0-9]|1?[0-9]{1,2})`,
	"IPV6": `(?:[0-9A-Fa-f]{0,4}:){2,7}(?:%{IPV4}|[0-9A-Fa-f]{0,4})(?:%[0-9A-Za-z]+)?`, "IP": `(?:%{IPV6}|%{IPV4})`,
	"HOSTNAME": `\b(?:[0-9A-Za-z_][0-9A-Za-z_-]{0,62})(?:\.(?:[0-9A-Za-z_][0-9A-Za-z_-]{0,62}))*\.?`, "HOST": `%{HOSTNAME}`, "IPORHOST": `(?:%{IP}|%{HOSTNAME})`, "HOSTPORT": `%{IPORHOST}:%{POSINT}`,

	"UNIXPATH": `(?:/[\w_%!$@:.,+~-]*)+`, "WINPATH": `(?:[A-Za-z]+:|\\)(?:\\[^\\?*]*)+`, "PATH": `(?:%{UNIXPATH}|%{WINPATH})`, "TTY": `/dev/(?:pts/[0-9]+|tty[a-zA-Z0-9]*)`,
	"URIPROTO": `[A-Za-z][A-Za-z0-9+.-]+`, "URIHOST": `%{IPORHOST}(?::%{POSINT})?`, "URIPATH": `(?:/[A-Za-z0-9$.+!*'(){},~:;=@#%&_-]*)+`,
	"URIQUERY": `[A-Za-z0-9$.+!*'|(){},~@#%&/=:;_?\[\]<>-]*`, "URIPARAM": `\?%{URIQUERY}`, "URIPATHPARAM": `%{URIPATH}(?:\?%{URIQUERY})?`,
	"URI": `%{URIPROTO}://(?:%{USER}(?::[^@]*)?@)?(?:%{URIHOST})?(?:%{URIPATH}(?:\?%{URIQUERY})?)?`,

	"MONTH":    `\b(?:[Jj]an(?:uary)?|[Ff]eb(?:ruary)?|[Mm]ar(?:ch)?|[Aa]pr(?:il)?|[Mm]ay|[Jj]une?|[Jj]uly?|[Aa]ug(?:ust)?|[Ss]ep(?:tember)?|[Oo]ct(?:ober)?|[Nn]ov(?:ember)?|[Dd]ec(?:ember)?)\b`,
	"MONTHNUM": `(?:0?[1-9]|1[0-2])`, "MONTHNUM2": `(?:0[1-9]|1[0-2])`, "MONTHDAY": `(?:0[1-9]|[12][0-9]|3[01]|[1-9])`,
	"DAY": `(?:Mon(?:day)?|Tue(?:sday)?|Wed(?:nesday)?|Thu(?:rsday)?|Fri(?:day)?|Sat(?:urday)?|Sun(?:day)?)`, "YEAR": `[0-9]{4}|[0-9]{2}`,
	"HOUR": `(?:2[0123]|[01]?[0-9])`, "MINUTE": `[0-5][0-9]`, "SECOND": `(?:[0-5]?[0-9]|60)(?:[:.,][0-9]+)?`, "TIME": `%{HOUR}:%{MINUTE}:%{SECOND}`,
	"DATE_US": `%{MONTHNUM}[/-]%{MONTHDAY}[/-](?:%{YEAR})`, "DATE_EU": `%{MONTHDAY}[./-]%{MONTHNUM}[./-](?:%{YEAR})`, "DATE": `(?:%{DATE_US}|%{DATE_EU})`, "DATESTAMP": `%{DATE}[- ]%{TIME}`,
	"ISO8601_TIMEZONE": `(?:Z|[+-]%{HOUR}(?::?%{MINUTE})?)`, "TIMESTAMP_ISO8601": `[0-9]{4}-%{MONTHNUM}-%{MONTHDAY}[T ]%{HOUR}:?%{MINUTE}(?::?%{SECOND})?%{ISO8601_TIMEZONE}?`,
	"TZ": `(?:[A-Z]{3,5})`, "HTTPDATE": `%{MONTHDAY}/%{MONTH}/[0-9]{4}:%{TIME} %{INT}`, "DATESTAMP_RFC2822": `%{DAY}, %{MONTHDAY} %{MONTH} [0-9]{4} %{TIME} %{ISO8601_TIMEZONE}`,
	"DATESTAMP_OTHER": `%{DAY} %{MONTH} +%{MONTHDAY} %{TIME} %{TZ} [0-9]{4}`, "HTTPDERROR_DATE": `%{DAY} %{MONTH} %{MONTHDAY} %{TIME} [0-9]{4}`,

	"SYSLOGTIMESTAMP": `%{MONTH} +%{MONTHDAY} %{TIME}`, "PROG": `[!-Z\\^-~]+?`, "SYSLOGPROG": `%{PROG:program}(?:\[%{POSINT:pid}\])?`, "SYSLOGHOST": `%{IPORHOST}`,
	"SYSLOGFACILITY": `<%{NONNEGINT:facility}.%{NONNEGINT:priority}>`, "SYSLOGBASE": `%{SYSLOGTIMESTAMP:timestamp} (?:%{SYSLOGFACILITY} )?%{SYSLOGHOST:logsource} %{SYSLOGPROG}:`,
	"SYSLOGLINE": `%{SYSLOGBASE} %{GREEDYDATA:message}`,
	"LOGLEVEL":   `(?i:alert|trace|debug|notice|info(?:rmation)?|warn(?:ing)?|err(?:or)?|crit(?:ical)?|fatal|severe|emerg(?:ency)?|panic)`,

	"HTTPDUSER": `(?:%{EMAILADDRESS}|%{USER})`,
	"COMMONAPACHELOG": `%{IPORHOST:clientip} %{NOTSPACE:ident} %{NOTSPACE:auth} \[%{HTTPDATE:timestamp}\] "(?:%{WORD:verb} %{NOTSPACE:request}(?: HTTP/%{NUMBER:httpversion})?|%{DATA:rawrequest})" ` +
		`(?:-|%{NUMBER:response}) (?:-|%{NUMBER:bytes})`,
	"COMBINEDAPACHELOG": `%{COMMONAPACHELOG} %{QS:referrer} %{QS:agent}`, "HTTPD_COMMONLOG": `%{COMMONAPACHELOG}`, "HTTPD_COMBINEDLOG": `%{COMBINEDAPACHELOG}`,
	"JAVACLASS": `(?:[a-zA-Z$_][a-zA-Z$_0-9]*\.)*[a-zA-Z$_][a-zA-Z$_0-9]*`, "JAVAFILE": `[A-Za-z0-9_. -]+`, "JAVALOGMESSAGE": `.*`,
}
