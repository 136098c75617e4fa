#!/bin/sh
# Somebody still needed telnet, and started it from the old file until the next reboot.
systemd-run --quiet --unit=telnet-by-hand /usr/sbin/inetd -i /root/inetd.conf.old
