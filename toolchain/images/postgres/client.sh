#!/bin/sh
# Of the server's own version, where there is one; else Debian's, which keeps programs in a folder for each version.
name=$(basename "$0")
# Where the server's socket is, as upstream has it: these programs were built to look elsewhere.
export PGHOST="${PGHOST:-/var/run/postgresql}"
for folder in /usr/local/postgresql-tools/bin /usr/lib/postgresql/*/bin; do
  [ ! -x "$folder/$name" ] || exec "$folder/$name" "$@"
done
echo "$name is not here" >&2
exit 127
