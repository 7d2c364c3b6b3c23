#!/bin/sh
set -e
# "remove" (Debian Policy, 6.5) and 0 (RPM, scriptlets) are no upgrade.
if [ "$1" = remove ] || [ "$1" = 0 ]; then
  [ ! -d /run/systemd/system ] || systemctl disable --now mainstay-agent
fi
