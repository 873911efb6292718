#!/bin/sh
# Makes a root certificate and a server certificate for the self test.
set -eu
out=$1
tmp=$(mktemp -d)
mkdir -p "$out"

openssl req -x509 -newkey rsa:2048 -nodes -days 3650 \
    -subj "/O=Example Labs/CN=Example Lab Root" \
    -keyout "$tmp/root.key" -out /usr/local/share/ca-certificates/example-lab-root.crt

openssl req -newkey rsa:2048 -nodes -subj "/CN=selftest.lab" \
    -keyout "$out/server.key" -out "$tmp/server.csr"
echo "subjectAltName=DNS:selftest.lab" > "$tmp/extensions"
openssl x509 -req -days 3650 -in "$tmp/server.csr" -extfile "$tmp/extensions" \
    -CA /usr/local/share/ca-certificates/example-lab-root.crt -CAkey "$tmp/root.key" \
    -CAcreateserial -CAserial "$tmp/serial" -out "$out/server.crt"

chmod 600 "$out/server.key"
rm -r "$tmp"     # the root's key is not kept
