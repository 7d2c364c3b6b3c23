#!/bin/sh
set -e
if [ -d /run/systemd/system ]; then
  systemctl daemon-reload
  systemctl try-restart mainstay-agent # after an upgrade the new program runs
  echo "Put the server's address and an enrolment token into /etc/mainstay/agent.env, then: systemctl enable --now mainstay-agent"
fi
