#!/bin/sh
# Somebody read that TLS 1.0 has to go, wrote it into the file, and never reloaded the server.
sed -i 's/ssl_protocols .*/ssl_protocols       TLSv1.2 TLSv1.3;/' /etc/nginx/sites-available/shop
# (Debian's own file has a line for all sites as well.)
sed -i 's/^\([[:space:]]*\)ssl_protocols .*/\1ssl_protocols TLSv1.2 TLSv1.3;/' /etc/nginx/nginx.conf
