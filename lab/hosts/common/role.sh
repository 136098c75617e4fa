#!/bin/sh
# Every host: the accounts that the lab itself logs in with. Run inside the host's
# root before it boots. Keys lie in /run/lab-keys (given by up.sh, gone after boot).
set -eu

# A locked password ("*") and a key: the scanner's accounts have nothing to guess.
add_key_account() {
  useradd --uid "$2" --user-group --create-home --shell /bin/bash --password '*' "$1"
  install -d -o "$1" -g "$1" -m 700 "/home/$1/.ssh"
  install -o "$1" -g "$1" -m 600 "/run/lab-keys/$1.pub" "/home/$1/.ssh/authorized_keys"
}

add_key_account scan 2001
add_key_account auditor 2002
install -d -m 700 /root/.ssh
install -m 600 /run/lab-keys/root.pub /root/.ssh/authorized_keys
