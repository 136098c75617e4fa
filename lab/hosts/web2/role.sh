#!/bin/sh
# The weak web server. Every line here is a finding.
set -eu

# Accounts. Passwords are random and kept nowhere; their forms are what is wrong.
password() { printf '%s:%s\n' "$1" "$(openssl rand -base64 24)" | chpasswd -c "$2"; }
sed -i 's/^PASS_MAX_DAYS.*/PASS_MAX_DAYS\t99999/' /etc/login.defs
useradd --uid 1000 --user-group --create-home --shell /bin/bash --groups sudo ops
password ops SHA512
useradd --key UID_MIN=0 --uid 0 --non-unique --gid 0 --no-create-home --home-dir /root --shell /bin/bash toor
password toor SHA512
useradd --uid 1500 --user-group --create-home --shell /bin/bash zhang
password zhang SHA512
useradd --uid 1500 --non-unique --gid 1500 --no-create-home --home-dir /home/zhang --shell /bin/bash li
password li MD5
useradd --uid 1501 --user-group --create-home --shell /bin/bash guest
passwd --quiet --delete guest
usermod --shell /bin/bash games
password games SHA512
password root SHA512

# Failures cost nobody any time. (sshd tries the empty password at every login, and
# would make all of them wait as well.)
sed -i 's/pam_unix.so nullok$/pam_unix.so nullok nodelay/' /etc/pam.d/common-auth

# Clear-text services
printf 'telnet\tstream\ttcp\tnowait\troot\t/usr/sbin/tcpd\t/usr/sbin/telnetd\n' >>/etc/inetd.conf
rm -f /etc/apache2/conf-enabled/other-vhosts-access-log.conf
systemctl --quiet enable inetd.service vsftpd.service nginx.service apache2.service

# Logs anybody can read and the group can change
# shellcheck disable=SC2016
sed -i 's/^\$FileCreateMode.*/$FileCreateMode 0664/' /etc/rsyslog.conf
install -o root -g adm -m 666 /dev/null /var/log/auth.log

# A tunnel that no register knows
umask 077
key="$(wg genkey)"
peer="$(wg genkey | wg pubkey)"
cat >/etc/wireguard/wg0.conf <<CONF
[Interface]
Address = 10.99.0.2/24
ListenPort = 51820
PrivateKey = $key

[Peer]
PublicKey = $peer
AllowedIPs = 10.99.0.0/24
CONF
systemctl --quiet enable wg-quick@wg0.service
