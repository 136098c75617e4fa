#!/bin/sh
set -eu
rm -f /etc/nginx/sites-enabled/default
ln -s ../sites-available/shop /etc/nginx/sites-enabled/shop
systemctl --quiet enable nginx.service
