#!/bin/sh
# The hardened hosts: bastion, web1, log1.
set -eu

sed -i -e 's/^PASS_MAX_DAYS.*/PASS_MAX_DAYS\t90/' \
  -e 's/^PASS_MIN_DAYS.*/PASS_MIN_DAYS\t1/' \
  -e 's/^UMASK.*/UMASK\t\t027/' /etc/login.defs

# An administrator with a password, which nobody knows: it is aged and locked out by rule.
useradd --uid 1000 --user-group --create-home --shell /bin/bash --groups sudo,adm ops
printf 'ops:%s\n' "$(openssl rand -base64 24)" | chpasswd -c YESCRYPT
chage --maxdays 90 ops
chage --maxdays 90 root

# Nothing in the log folder is for everybody.
find /var/log -type f -exec chmod 0640 {} +
chmod 600 /etc/ssh/sshd_config.d/*.conf
chmod 750 /etc/sudoers.d
chmod 640 /etc/audit/auditd.conf /etc/audit/rules.d/*.rules
systemctl --quiet enable auditd.service chrony.service
