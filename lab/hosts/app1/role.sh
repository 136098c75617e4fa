#!/bin/sh
set -eu
rm -f /etc/nginx/sites-enabled/default
ln -s ../sites-available/app /etc/nginx/sites-enabled/app
systemctl --quiet enable nginx.service apache2.service
