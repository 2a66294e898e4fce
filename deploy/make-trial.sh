#!/bin/sh
# make-trial.sh [HOST]: what compose.prod.yml reads from deploy/secrets, for a trial on this machine: passwords and keys,
# certificates for HOST (localhost) and for NATS, by an authority whose key is thrown away. What exists is kept.
# For real use put your own server.crt and server.key in deploy/secrets/tls and keep the rest. SECRETS_DIR: another folder.
set -eu
host=${1:-localhost}
cd "$(dirname "$0")/.."
secrets=${SECRETS_DIR:-$PWD/deploy/secrets}
image=b2b-charge-tools:${VERSION:-0.1.0}
mkdir -p -m 700 "$secrets"

docker build -q --target tools -t "$image" . >/dev/null
docker run --rm --network none --user "$(id -u):$(id -g)" -v "$secrets:/secrets" "$image" \
  node deploy/compose/make-secrets.ts /secrets

tls=$secrets/tls
new_key='-newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes'
certify() { # NAME SUBJECT ALTERNATIVES: tls/NAME.crt and tls/NAME.key
  # shellcheck disable=SC2086
  openssl req $new_key -subj "/CN=$2" -keyout "$tls/$1.key" -out "$tls/$1.csr" 2>/dev/null
  printf 'subjectAltName=%s\nextendedKeyUsage=serverAuth\n' "$3" |
    openssl x509 -req -in "$tls/$1.csr" -CA "$tls/ca.crt" -CAkey "$tls/ca.key" -CAcreateserial -days 365 \
      -extfile /dev/stdin -out "$tls/$1.crt" 2>/dev/null
  rm "$tls/$1.csr"
}
if [ ! -f "$tls/server.crt" ]; then
  mkdir -p "$tls"
  # shellcheck disable=SC2086
  openssl req -x509 $new_key -days 365 -subj '/CN=B2B Charge trial' -addext 'keyUsage=critical,keyCertSign' \
    -keyout "$tls/ca.key" -out "$tls/ca.crt" 2>/dev/null
  certify server "$host" "DNS:$host,DNS:localhost,IP:127.0.0.1"
  certify nats nats DNS:nats
  rm -f "$tls/ca.key" "$tls/ca.srl"
  # nginx reads it as a user of its own; the folder keeps others out.
  chmod 444 "$tls"/*.key "$tls"/*.crt
  echo "certificates: for $host and for nats, in $tls; clients trust them with $tls/ca.crt"
fi
