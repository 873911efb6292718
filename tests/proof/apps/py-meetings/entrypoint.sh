#!/bin/bash
set -euo pipefail

python scripts/migrate.py

exec "$@"
