package facts

// serviceClasses says what a program is when it serves.
var serviceClasses = map[string]string{
	"nginx": "web_server", "apache2": "web_server", "httpd": "web_server", "caddy": "web_server", "lighttpd": "web_server",
	"postgres": "database_server", "mysqld": "database_server", "mariadbd": "database_server", "mongod": "database_server",
	"redis-server": "cache", "valkey-server": "cache", "memcached": "cache",
	"haproxy": "load_balancer", "envoy": "load_balancer",
	"rabbitmq-server": "message_broker", "nats-server": "message_broker", "mosquitto": "message_broker",
	"master": "mail_server", "exim4": "mail_server", "dovecot": "mail_server",
	"slapd": "directory_server", "named": "dns_server", "unbound": "dns_server", "dnsmasq": "dns_server", "cupsd": "print_server",
}

var engines = map[string]string{"postgres": "postgresql", "mysqld": "mysql", "mariadbd": "mariadb", "mongod": "mongodb"}
