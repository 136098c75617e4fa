#!/bin/sh
# The old shop: its certificate expired long ago, and it starts with a configuration of the same time.
set -eu
umask 077
folder=$(mktemp -d)
openssl req -new -newkey rsa:1024 -nodes -subj '/O=mpl-lab/CN=old.shop.lab' -sha256 \
  -keyout /etc/nginx/old.key -out "$folder/old.csr" 2>/dev/null
: >"$folder/index"
printf '%s\n' '[ca]' 'default_ca=own' '[own]' "database=$folder/index" "new_certs_dir=$folder" 'policy=any' \
  'default_md=sha256' 'rand_serial=yes' '[any]' 'organizationName=optional' 'commonName=supplied' >"$folder/ca.cnf"
openssl ca -batch -selfsign -config "$folder/ca.cnf" -keyfile /etc/nginx/old.key -in "$folder/old.csr" \
  -startdate 20200101000000Z -enddate 20210101000000Z -notext -out /etc/nginx/old.pem 2>/dev/null
rm -r "$folder"
chmod 644 /etc/nginx/old.pem
rm -f /etc/nginx/sites-enabled/default
ln -s ../sites-available/shop /etc/nginx/sites-enabled/shop
systemctl --quiet enable nginx.service
