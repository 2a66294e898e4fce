#!/bin/sh
# make-trial.sh [HOST]: what compose.prod.yml reads from deploy/secrets, for a trial on this machine: passwords and keys,
# and a certificate for HOST (localhost) by an authority made for it, whose key is thrown away. What exists is kept.
# For real use put your own certificate in deploy/secrets/tls and keep the rest. SECRETS_DIR: another folder.
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
if [ ! -f "$tls/server.crt" ]; then
  mkdir -p "$tls"
  openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 365 -subj '/CN=B2B Charge trial' \
    -addext 'keyUsage=critical,keyCertSign' -keyout "$tls/ca.key" -out "$tls/ca.crt" 2>/dev/null
  openssl req -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -subj "/CN=$host" \
    -keyout "$tls/server.key" -out "$tls/server.csr" 2>/dev/null
  printf 'subjectAltName=DNS:%s,DNS:localhost,IP:127.0.0.1\nextendedKeyUsage=serverAuth\n' "$host" |
    openssl x509 -req -in "$tls/server.csr" -CA "$tls/ca.crt" -CAkey "$tls/ca.key" -CAcreateserial -days 365 \
      -extfile /dev/stdin -out "$tls/server.crt" 2>/dev/null
  rm -f "$tls/ca.key" "$tls/ca.srl" "$tls/server.csr"
  # nginx reads it as a user of its own; the folder keeps others out.
  chmod 444 "$tls/server.key" "$tls/server.crt" "$tls/ca.crt"
  echo "certificate: for $host, in $tls; clients trust it with $tls/ca.crt"
fi
