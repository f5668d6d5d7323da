#!/bin/sh
# What the official image does before the server starts, as far as our chart relies on it: a new cluster with the password in
# POSTGRES_PASSWORD where there is none. Run by a user who is not root.
set -eu
case ${1:-} in postgres | -*) ;; *) exec "$@" ;; esac
[ "$1" = postgres ] && shift

if [ ! -s "$PGDATA/PG_VERSION" ]; then
  : "${POSTGRES_PASSWORD:?}"
  mkdir -p "$PGDATA"
  chmod 700 "$PGDATA"
  password=$(mktemp)
  printf '%s\n' "$POSTGRES_PASSWORD" >"$password"
  # Options of the image, meant to be split.
  # shellcheck disable=SC2086
  initdb --username=postgres --pwfile="$password" ${POSTGRES_INITDB_ARGS:-}
  rm "$password"
  printf '\nhost all all all %s\n' "${POSTGRES_HOST_AUTH_METHOD:-scram-sha-256}" >>"$PGDATA/pg_hba.conf"
fi
unset POSTGRES_PASSWORD
exec postgres "$@"
