#!/bin/sh
# A server as the distribution installs it: nobody hardened it, nobody weakened it.
set -eu
useradd --uid 1000 --user-group --create-home --shell /bin/bash --groups sudo ops
printf 'ops:%s\n' "$(openssl rand -base64 24)" | chpasswd -c SHA512
