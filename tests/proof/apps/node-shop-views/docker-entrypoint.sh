#!/bin/sh
set -e

# allow "docker run image" and "docker run -e SHOP_NAME_FILE=... image"
if [ -n "$SHOP_NAME_FILE" ] && [ -f "$SHOP_NAME_FILE" ]; then
  SHOP_NAME="$(cat "$SHOP_NAME_FILE")"
  export SHOP_NAME
fi

exec "$@"
