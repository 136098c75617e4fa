#!/bin/sh
# PostgreSQL: TLS only, SCRAM only, bound to the one inner address.
set -eu
install -o postgres -g postgres -m 600 /etc/ssl/lab/host.key /etc/postgresql/15/main/server.key
chown -R postgres:postgres /etc/postgresql/15/main
chmod 640 /etc/postgresql/15/main/pg_hba.conf
