#!/bin/sh
# Databases from a backup that store.sh fetched. MariaDB cannot give a database another name, so each is emptied and
# filled in place, from a dump whose checksum was compared before; what breaks off is done again from its beginning.
# Users that are missing are made, without a password; those that exist keep theirs.
#
#   EXCHANGE, RESTORES, TRIAL   as in restore-postgres.sh
#   DB_HOST, DB_USER, MYSQL_PWD, DB_CA   as in dump-mariadb.sh
#
# Prints one line of JSON for each: {"name":…,"tables":{…}}, counted in what was restored.
set -eu
here=$(dirname "$0")
. "$here/mariadb.sh"

say() { printf '%s %s\n' "$(date -u +%H:%M:%S)" "$*" >&2; }

hex_of() { printf '%s' "$1" | od -An -v -t x1 | tr -d ' \n'; }

quoted() { printf '`%s`' "$(printf '%s' "$1" | sed 's/`/``/g')"; }

restore_database() {
  file=$1
  name=$(printf '%s' "$2" | base64 -d)
  [ -z "${TRIAL:-}" ] || name="ffops_trial_$file"
  say "restoring $file"
  # Before anything goes: is all of it there? A dump that ends too early would load without an error.
  made=$(zstd -qdc "$EXCHANGE/$file.sql.zst")
  zstd -qt "$EXCHANGE/$file.dump.zst"
  query "drop database if exists $(quoted "$name")"
  query "create database $(quoted "$name") $made"
  if ! zstd -qdc "$EXCHANGE/$file.dump.zst" |
    mariadb $options --max-allowed-packet=1G --default-character-set=utf8mb4 "$name"; then
    say "$file could not be restored"
    exit 1
  fi
  count_rows "$name" "$(printf '%s' "$2" | base64 -d)"
  [ -z "${TRIAL:-}" ] || query "drop database $(quoted "$name")"
}

count_rows() {
  hex=$(hex_of "$1") tables=
  rows_of=$(mktemp)
  query "select hex(table_name) from information_schema.tables
    where hex(table_schema) = '$hex' and table_type = 'BASE TABLE' order by table_name" >"$rows_of"
  while read -r table; do
    one=$(query "select concat(json_quote(convert(unhex('$table') using utf8mb4)), ':')")
    one=$one$(query "select count(*) from $(quoted "$1").$(quoted "$(query "select convert(unhex('$table') using utf8mb4)")")")
    tables=$tables${tables:+,}$one
  done <"$rows_of"
  rm "$rows_of"
  printf '{"name":%s,"tables":{%s}}\n' "$(query "select json_quote(convert(unhex('$(hex_of "$2")') using utf8mb4))")" "$tables"
}

[ -n "${TRIAL:-}" ] || zstd -qdc "$EXCHANGE/globals.sql.zst" | mariadb $options
printf '%s\n' "$RESTORES" | while read -r file name; do
  [ -z "$file" ] || restore_database "$file" "$name"
done
