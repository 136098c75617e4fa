#!/bin/sh
# An ordinary machine in the core, and what one of its users set up to work from home.
set -eu
install -m 600 /run/lab-keys/rogue /root/.ssh/homeward
chmod 640 /etc/openvpn/server/home.conf
umask 077
key="$(wg genkey)"
peer="$(wg genkey | wg pubkey)"
cat >/etc/wireguard/wg0.conf <<CONF
[Interface]
Address = 10.96.0.2/24
ListenPort = 51820
PrivateKey = $key

[Peer]
PublicKey = $peer
AllowedIPs = 10.96.0.0/24
CONF
systemctl --quiet enable wg-quick@wg0.service homeward.service socks.service tinyproxy.service \
  openvpn-server@home.service
