#!/bin/sh
set -eu
update-alternatives --quiet --set iptables /usr/sbin/iptables-nft
update-alternatives --quiet --set ip6tables /usr/sbin/ip6tables-nft
chmod 640 /etc/iptables/rules.v4 /etc/iptables/rules.v6
chmod 755 /usr/local/sbin/container-networks /usr/local/lib/container
systemctl --quiet disable nftables.service # servers' way; here iptables filters
systemctl --quiet enable netfilter-persistent.service container-networks.service \
  container-status.service container-keys.service
