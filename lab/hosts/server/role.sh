#!/bin/sh
# A hardened server of the inner zones: SSH from the bastion, logs and time from log1, a packet filter.
set -eu
systemctl --quiet enable nftables.service
