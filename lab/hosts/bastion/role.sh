#!/bin/sh
set -eu
update-alternatives --quiet --set iptables /usr/sbin/iptables-nft
update-alternatives --quiet --set ip6tables /usr/sbin/ip6tables-nft
chmod 640 /etc/iptables/rules.v4 /etc/iptables/rules.v6
systemctl --quiet enable netfilter-persistent.service
