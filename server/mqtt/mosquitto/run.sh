#!/bin/sh
# Runs Mosquitto with the configuration beside this file, and has it read certificates and CRL again when they change.
# Needs only a POSIX shell: it is the entry point of the broker's container, and the system test starts it the same way.
set -eu

here=$(cd "$(dirname "$0")" && pwd)
broker_dir=${FLOTILLA_BROKER_DIR:?the folder with the certificates, the ACL and the CRL}
data_dir=${FLOTILLA_BROKER_DATA_DIR:?the folder where the broker keeps its messages}
run_dir=${FLOTILLA_BROKER_RUN_DIR:-/tmp}
config="$run_dir/mosquitto.conf"

sed \
  -e "s|@broker_dir@|$broker_dir|g" \
  -e "s|@data_dir@|$data_dir|g" \
  -e "s|@device_port@|${FLOTILLA_BROKER_DEVICE_PORT:-8883}|g" \
  -e "s|@device_address@|${FLOTILLA_BROKER_DEVICE_ADDRESS:-}|g" \
  -e "s|@server_port@|${FLOTILLA_BROKER_SERVER_PORT:-8884}|g" \
  -e "s|@server_address@|${FLOTILLA_BROKER_SERVER_ADDRESS:-}|g" \
  "$here/mosquitto.conf" > "$config"

# Started by root it would become another user, who may not read the keys. In the container it is never root.
[ "$(id -u)" != 0 ] || echo "user root" >> "$config"

fingerprint() {
  cat "$broker_dir"/*.pem "$broker_dir/acl" "$broker_dir/devices.crl" | cksum
}

# A CRL that does not parse would switch revocation off. The writer replaces the file in one step; this is the second look.
is_whole() {
  head -n 1 "$broker_dir/devices.crl" | grep -q '^-----BEGIN X509 CRL-----$' &&
    tail -n 1 "$broker_dir/devices.crl" | grep -q '^-----END X509 CRL-----$'
}

is_whole || { echo "run.sh: $broker_dir/devices.crl is not a CRL in PEM; not starting" >&2; exit 1; }
seen=$(fingerprint)
mosquitto -c "$config" &
broker=$!
trap 'kill -TERM "$broker" 2>/dev/null' TERM INT
while kill -0 "$broker" 2>/dev/null; do
  sleep 0.25 &
  wait $! || true
  now=$(fingerprint 2>/dev/null) || continue
  [ "$now" != "$seen" ] || continue
  seen=$now
  if is_whole; then
    kill -HUP "$broker" 2>/dev/null || true
  else
    echo "run.sh: devices.crl is not a CRL in PEM; the broker keeps the one it has" >&2
  fi
done
wait "$broker"
