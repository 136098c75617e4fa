#!/bin/sh
# The machine that nobody dares to touch: rsh, ftp, SNMP with the communities everybody knows.
set -eu
chmod 600 /etc/snmp/snmpd.conf
systemctl --quiet enable inetd.service vsftpd.service snmpd.service
