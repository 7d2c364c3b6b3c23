#!/bin/sh
set -e
getent group mainstay >/dev/null || groupadd --system mainstay
getent passwd mainstay >/dev/null || useradd --system --gid mainstay --home-dir /var/lib/mainstay --shell /usr/sbin/nologin mainstay
