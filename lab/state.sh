# shellcheck shell=bash
# The lab's secrets and what is derived from them: login keys, host keys, a CA and
# certificates, known_hosts, ssh_config. Made once into $LAB_STATE. Sourced by up.sh.

state_init() {
  local host
  install -d -m 700 "$LAB_STATE" "$LAB_STATE"/{keys,hostkeys,tls}
  for host in scan auditor root rogue; do
    state_ssh_key "$LAB_STATE/keys/$host" "mpl-lab $host"
  done
  state_ca
  for host in "${LAB_HOSTS[@]}"; do
    state_ssh_key "$LAB_STATE/hostkeys/$host" "$host"
    state_certificate "$host"
  done
  state_ssh_key "$LAB_STATE/hostkeys/relay" relay
  state_known_hosts >"$LAB_STATE/known_hosts.new"
  state_ssh_config >"$LAB_STATE/ssh_config.new"
  # Renamed into place: a scanner may be reading the old ones.
  mv "$LAB_STATE/known_hosts.new" "$LAB_STATE/known_hosts"
  mv "$LAB_STATE/ssh_config.new" "$LAB_STATE/ssh_config"
}

state_ssh_key() {
  [ -s "$1" ] && [ -s "$1.pub" ] && return
  rm -f "$1" "$1.pub"
  ssh-keygen -q -t ed25519 -N '' -C "$2" -f "$1"
}

state_valid() { [ -s "$1" ] && openssl x509 -checkend 604800 -noout -in "$1" >/dev/null 2>&1; }

state_ca() {
  local dir="$LAB_STATE/tls"
  state_valid "$dir/ca.pem" && return
  rm -f "$dir"/*.pem "$dir"/*.key
  openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 3650 \
    -subj '/O=mpl-lab/CN=mpl-lab CA' -addext 'keyUsage=critical,keyCertSign,cRLSign' \
    -keyout "$dir/ca.key" -out "$dir/ca.pem" 2>/dev/null
}

state_certificate() {
  local host="$1" dir="$LAB_STATE/tls"
  state_valid "$dir/$host.pem" && return
  openssl req -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes \
    -subj "/O=mpl-lab/CN=$host.shop.lab" -keyout "$dir/$host.key" -out "$dir/$host.csr" 2>/dev/null
  openssl x509 -req -in "$dir/$host.csr" -CA "$dir/ca.pem" -CAkey "$dir/ca.key" -days 825 \
    -extfile <(printf '%s\n' "subjectAltName=DNS:$host.shop.lab,DNS:shop.lab" \
      'extendedKeyUsage=serverAuth,clientAuth' 'keyUsage=critical,digitalSignature') \
    -out "$dir/$host.pem" 2>/dev/null
  rm -f "$dir/$host.csr"
}

# Addresses and names in the clear: the files are made to be looked at.
state_known_hosts() {
  local host leg names
  for host in "${LAB_HOSTS[@]}"; do
    names="$host"
    for leg in ${LAB_LEGS[$host]}; do names+=",$(lab_address "$leg"),$(lab_address6 "$leg")"; done
    printf '%s %s\n' "$names" "$(cut -d' ' -f1,2 "$LAB_STATE/hostkeys/$host.pub")"
  done
}

state_ssh_config() {
  local host address jump
  printf '# ssh -F %s/ssh_config HOST, from the namespace %s\n' "$LAB_STATE" "$LAB_SCAN"
  for host in "${LAB_HOSTS[@]}"; do
    read -r address jump <<<"${LAB_REACH[$host]}"
    printf 'Host %s %s\n  HostName %s\n' "$host" "$address" "$address"
    [ -z "$jump" ] || printf '  ProxyJump %s\n' "$jump"
  done
  cat <<CONF
Match user root
  IdentityFile $LAB_STATE/keys/root
Match user scan
  IdentityFile $LAB_STATE/keys/scan
Host *
  User auditor
  IdentityFile $LAB_STATE/keys/auditor
  IdentitiesOnly yes
  BatchMode yes
  ConnectTimeout 10
  StrictHostKeyChecking yes
  UserKnownHostsFile $LAB_STATE/known_hosts
  GlobalKnownHostsFile /dev/null
CONF
}
