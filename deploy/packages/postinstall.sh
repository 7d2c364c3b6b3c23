#!/bin/sh
set -e
chgrp mainstay /etc/mainstay/mainstay.yaml
if [ -d /run/systemd/system ]; then
  systemctl daemon-reload
  systemctl try-restart mainstay # after an upgrade the new program runs
  echo "Start Mainstay with: systemctl enable --now mainstay"
  echo "The link that sets the first administrator's password is in: journalctl -u mainstay"
fi
