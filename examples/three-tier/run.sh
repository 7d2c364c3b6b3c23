#!/usr/bin/env bash
# The web shop of the example: nginx -> app -> PostgreSQL, on loopback.
#
#   run.sh start|stop|restart|status          all three
#   run.sh start-database|stop-database       one of them; -db for short
#   run.sh start-application|stop-application -app
#   run.sh start-nginx|stop-nginx
#   run.sh documents DIR                      write the documents to DIR as they fit this machine
#   run.sh policy                             what to add to the policy file of the agent
#   run.sh clean                              stop, and remove the work directory
#
# Every command may be repeated: what runs already is left alone. No root is
# needed; as root, the servers run as other users.
#
# SHOP_WORK        work directory   (root: /var/lib/mainstay-three-tier, else ~/.mainstay-three-tier)
# SHOP_NGINX_PORT  18080    SHOP_APP_PORT  18081    SHOP_DB_PORT  15432
# SHOP_BINARY      the built application; without it, go builds it
set -euo pipefail
umask 022
# The servers outlive us: they must not hold open (and locked) what our caller had open.
for fd in /proc/$$/fd/*; do
	fd=${fd##*/}
	if [ "$fd" -gt 2 ] && [ "$fd" != 255 ]; then eval "exec $fd>&-"; fi
done
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
if [ "$(id -u)" = 0 ]; then default_work=/var/lib/mainstay-three-tier; else default_work=$HOME/.mainstay-three-tier; fi
work=${SHOP_WORK:-$default_work}
nginx_port=${SHOP_NGINX_PORT:-18080} app_port=${SHOP_APP_PORT:-18081} db_port=${SHOP_DB_PORT:-15432}
export PATH=$PATH:/usr/sbin:/sbin

say() { printf '%s\n' "$*"; }
fail() { printf 'run.sh: %s\n' "$*" >&2; exit 1; }

# as USER COMMAND...: as another user when root, else as ourselves.
as() {
	local user=$1; shift
	if [ "$(id -u)" = 0 ]; then
		setpriv --reuid="$user" --regid="$(id -g "$user")" --clear-groups --reset-env -- env PATH="$PATH" "$@"
	else
		"$@"
	fi
}

# runs FILE WORD: the process whose id is in FILE lives and is ours: its
# command line holds WORD.
runs() {
	local pid
	pid=$(head -n 1 "$1" 2>/dev/null) && [ -n "$pid" ] && tr '\0' ' ' <"/proc/$pid/cmdline" 2>/dev/null | grep -qF -- "$2"
}

# until SECONDS WHAT COMMAND...: wait for COMMAND to succeed.
until_ok() {
	local tries=$(($1 * 20)) what=$2; shift 2
	for ((i = 0; i < tries; i++)); do "$@" && return 0; sleep 0.05; done
	fail "$what does not answer; see $work"
}
listens() { (exec 3<>"/dev/tcp/127.0.0.1/$1") 2>/dev/null; }
not() { ! "$@"; }

prepare() {
	mkdir -p "$work"
	# What runbooks call: it remembers the settings of this start.
	cat >"$work/control.new" <<-CONTROL
		#!/bin/sh
		export SHOP_WORK='$work' SHOP_NGINX_PORT=$nginx_port SHOP_APP_PORT=$app_port SHOP_DB_PORT=$db_port SHOP_BINARY='${SHOP_BINARY:-}'
		exec '$here/run.sh' "\$@"
	CONTROL
	chmod 755 "$work/control.new"
	mv "$work/control.new" "$work/control"
}

pg_bin() {
	local dir
	dir=$(ls -d /usr/lib/postgresql/*/bin 2>/dev/null | sort -V | tail -n 1)
	[ -n "$dir" ] || fail "PostgreSQL is not installed: apt-get install postgresql"
	say "$dir"
}
db_runs() { runs "$work/database/postmaster.pid" "$work/database"; }
psql_shop() { PGPASSWORD=$(cat "$work/password") psql -X -q -h 127.0.0.1 -p "$db_port" -U shop "$@"; }
# The data is in place once its last step has left this mark.
db_ready() { [ -e "$work/database.ready" ]; }

make_database() {
	local bin=$1
	rm -rf "$work/database"
	(umask 077 && head -c 24 /dev/urandom | base64 | tr -d '/+=\n' >"$work/password")
	mkdir "$work/database"
	if [ "$(id -u)" = 0 ]; then chown postgres: "$work/database" "$work/password"; fi
	as postgres "$bin/initdb" -D "$work/database" -U shop -A scram-sha-256 --pwfile="$work/password" -E UTF8 --locale=C.UTF-8 >"$work/initdb.log" 2>&1 ||
		fail "initdb failed; see $work/initdb.log"
	printf "port = %s\nlisten_addresses = '127.0.0.1'\nunix_socket_directories = ''\nshared_buffers = 32MB\n" "$db_port" >>"$work/database/postgresql.conf"
}

# pg_ctl puts the server into a session of its own, where it outlives its starter.
launch_database() { (cd / && as postgres "$1/pg_ctl" -D "$work/database" -l "$work/database.log" -w -t 60 start >/dev/null 2>&1); }

start_database() {
	local bin; bin=$(pg_bin)
	prepare
	if db_runs; then say "database: runs already"; return; fi
	db_ready || make_database "$bin"
	sed -i "s/^port = .*/port = $db_port/" "$work/database/postgresql.conf"
	: >>"$work/database.log"
	if [ "$(id -u)" = 0 ]; then chown postgres: "$work/database.log"; fi
	# The children of a server that was killed need a moment to end; until then the next one refuses to start.
	local tries=0
	until launch_database "$bin"; do
		[ $((++tries)) -lt 10 ] || fail "PostgreSQL does not start; see $work/database.log"
		sleep 1
	done
	if ! db_ready; then
		psql_shop -d postgres <"$here/schema.sql" && touch "$work/database.ready"
	fi
	say "database: started on 127.0.0.1:$db_port"
}

stop_database() {
	local bin; bin=$(pg_bin)
	if ! db_runs; then say "database: does not run"; return; fi
	(cd / && as postgres "$bin/pg_ctl" -D "$work/database" -m fast -w -t 60 stop >/dev/null) || fail "PostgreSQL does not stop; see $work/database.log"
	say "database: stopped"
}

app_runs() { runs "$work/application.pid" "$work/shop"; }

build_application() {
	if [ -n "${SHOP_BINARY:-}" ]; then install -m 755 "$SHOP_BINARY" "$work/shop"; return; fi
	command -v go >/dev/null || { [ -x "$work/shop" ] && return; fail "go is not installed; set SHOP_BINARY to the built application"; }
	(cd "$here" && go build -o "$work/shop" ./app)
}

start_application() {
	prepare
	if app_runs; then say "application: runs already"; return; fi
	[ -e "$work/password" ] || fail "start the database first"
	build_application
	local url; url="postgres://shop:$(cat "$work/password")@127.0.0.1:$db_port/postgres?sslmode=disable"
	local user=""; if [ "$(id -u)" = 0 ]; then user="setpriv --reuid=nobody --regid=$(id -g nobody) --clear-groups --"; fi
	# setsid without a fork keeps the process id; the word splitting of $user is meant.
	(cd / && LISTEN=127.0.0.1:$app_port DATABASE_URL=$url exec setsid $user "$work/shop" </dev/null >>"$work/application.log" 2>&1) &
	echo $! >"$work/application.pid"
	until_ok 10 "the application" listens "$app_port"
	say "application: started on 127.0.0.1:$app_port"
}

stop_application() {
	if ! app_runs; then say "application: does not run"; return; fi
	kill "$(cat "$work/application.pid")"
	until_ok 15 "the end of the application" not app_runs
	rm -f "$work/application.pid"
	say "application: stopped"
}

nginx_runs() { runs "$work/nginx/nginx.pid" "$work/nginx"; }

# end_orphans: workers of a master that was killed live on and keep the port. They are in its session.
end_orphans() {
	local master
	master=$(head -n 1 "$work/nginx/nginx.pid" 2>/dev/null) || return 0
	for pid in $(ps -o pid= -s "$master" 2>/dev/null); do
		[ "$(cat "/proc/$pid/comm" 2>/dev/null)" = nginx ] && kill "$pid"
	done
	until_ok 10 "the end of nginx's orphans" not listens "$nginx_port"
}

start_nginx() {
	command -v nginx >/dev/null || fail "nginx is not installed: apt-get install nginx"
	prepare
	mkdir -p "$work/nginx"
	if nginx_runs; then say "nginx: runs already"; return; fi
	end_orphans
	sed -e "s|@WORK@|$work/nginx|g" -e "s|@PORT@|$nginx_port|g" -e "s|@APP@|$app_port|g" "$here/nginx.conf" >"$work/nginx/nginx.conf"
	nginx -p "$work/nginx" -c "$work/nginx/nginx.conf" -e "$work/nginx/error.log" </dev/null >/dev/null 2>>"$work/nginx/error.log" ||
		fail "nginx does not start; see $work/nginx/error.log"
	until_ok 10 nginx listens "$nginx_port"
	say "nginx: started on 127.0.0.1:$nginx_port"
}

stop_nginx() {
	if ! nginx_runs; then say "nginx: does not run"; return; fi
	kill -QUIT "$(cat "$work/nginx/nginx.pid")"
	until_ok 15 "the end of nginx" not nginx_runs
	say "nginx: stopped"
}

status() {
	local down=0
	for part in database:db_runs:$db_port application:app_runs:$app_port nginx:nginx_runs:$nginx_port; do
		IFS=: read -r name check port <<<"$part"
		if $check; then say "$name: runs on 127.0.0.1:$port"; else say "$name: stopped"; down=1; fi
	done
	return $down
}

# The item of this host. The agent reports the same identifiers, so the two become one item.
host_document() {
	cat <<-HOST
		# Written by run.sh for this machine.
		kind: Item
		name: shop-host
		spec:
		  class: host
		  identities:
		    - {kind: hostname, value: $(hostname)}
	HOST
	[ ! -s /etc/machine-id ] || printf '    - {kind: machine_id, value: %s}\n' "$(cat /etc/machine-id)"
}

# documents DIR: the documents with this machine's name, ports and work directory.
documents() {
	local dir=${1:?documents needs a directory}
	mkdir -p "$dir"
	for file in items checks runbooks remediations; do
		sed -e "s|:15432\b|:$db_port|g" -e "s|:18081\b|:$app_port|g" -e "s|:18080\b|:$nginx_port|g" \
			-e "s|/var/lib/mainstay-three-tier|$work|g" "$here/$file.yaml" >"$dir/$file.yaml"
	done
	host_document >"$dir/host.yaml"
	say "documents: written to $dir; next: mainstay apply -f $dir"
}

policy() {
	cat <<-POLICY
		commands:
		  - runbooks: [start-database, start-application, start-nginx]
		    scripts: true
		    paths: [/bin/sh, /usr/bin/sh, /usr/bin/dash]
	POLICY
}

case ${1:-} in
start)
	start_database; start_application; start_nginx
	if [ -z "${SHOP_WORK:-}" ] && [ -w "$here" ]; then host_document >"$here/host.yaml"; fi
	;;
stop) stop_nginx; stop_application; stop_database ;;
restart) "$0" stop; "$0" start ;;
status) status ;;
start-db | start-database) start_database ;;
stop-db | stop-database) stop_database ;;
start-app | start-application) start_application ;;
stop-app | stop-application) stop_application ;;
start-nginx) start_nginx ;;
stop-nginx) stop_nginx ;;
documents) documents "${2:-}" ;;
policy) policy ;;
clean) "$0" stop; rm -rf "$work" ;;
*) sed -n '2,/^set -/s/^# \{0,1\}//p' "$0" | sed '$d'; exit 2 ;;
esac
