#!/usr/bin/env bash
# Starts the server with its data in $DATA. On the first start it makes an
# administrator: yours from SCAIDRIVE_ADMIN_EMAIL and SCAIDRIVE_ADMIN_PASSWORD,
# or admin@example.com with a password drawn here and shown once.
set -euo pipefail
if [ ! -e "$DATA/FORMAT" ] && [ -z "${SCAIDRIVE_ADMIN_PASSWORD:-}" ]; then
  export SCAIDRIVE_ADMIN_EMAIL="${SCAIDRIVE_ADMIN_EMAIL:-admin@example.com}"
  SCAIDRIVE_ADMIN_PASSWORD=$(head -c 15 /dev/urandom | base64 | tr '+/' 'xy')
  export SCAIDRIVE_ADMIN_PASSWORD
  echo "First start. Administrator: $SCAIDRIVE_ADMIN_EMAIL   Password: $SCAIDRIVE_ADMIN_PASSWORD"
  echo "Write the password down: it is not shown again."
fi
exec ./scaidrive serve --data "$DATA" --listen "$LISTEN"
