#!/bin/sh
# Makes what is missing of the databases and users in DATABASE_<n>_NAME, _USER and _PASSWORD, gives a user its password when
# it has another one, and drops nothing. Says what it did, one line each: `ffops <n> <what>`. Can be run any number of times,
# also by several at once. No value is ever an argument, but names; in hexadecimal no character of one means anything.
set -u
here=$(dirname "$0")

as_root() {
  MYSQL_PWD=$ROOT_PASSWORD client --user=root
}

as_user() {
  MYSQL_PWD=$DATABASE_PASSWORD client --user="$DATABASE_USER" --database="$DATABASE_NAME"
}

client() {
  # A statement that failed is not repeated in the log.
  mariadb --no-defaults --default-character-set=utf8mb4 --protocol=tcp --host="$SERVER" --port="${PORT:-3306}" \
    --connect-timeout=10 --loose-skip-print-query-on-error --ssl-ca="$AUTHORITY" --ssl-verify-server-cert --batch --skip-column-names "$@"
}

# The variables that the statements read, then the statements. Quotes and backslashes mean what they always do.
statements() {
  printf "SET SESSION sql_mode = '';\n"
  printf "SET @name = CONVERT(x'%s' USING utf8mb4), @user = CONVERT(x'%s' USING utf8mb4), @password = CONVERT(x'%s' USING utf8mb4);\n" \
    "$(hex "$DATABASE_NAME")" "$(hex "$DATABASE_USER")" "$(hex "$DATABASE_PASSWORD")"
  cat "$here/$1"
}

hex() {
  printf %s "$1" | od -An -v -tx1 | tr -d ' \n'
}

# `ffops <n>` in front of each line.
said() {
  [ -z "$2" ] || printf '%s\n' "$2" | sed "s/^/ffops $1 /"
}

one() {
  made=$(statements database.sql | as_root) || return 1
  said "$1" "$made"
  # Opening it is the one proof that the password is right.
  if ! as_user </dev/null 2>/dev/null; then
    changed=$(statements password.sql | as_root) || return 1
    as_user </dev/null || return 1
    said "$1" "$changed"
  fi
  said "$1" done
}

attempt=1
until as_root </dev/null 2>/dev/null || [ "$attempt" -ge 30 ]; do
  attempt=$((attempt + 1))
  sleep 2
done
as_root <"$here/server.sql" || exit 1

failed=0
n=1
while eval "[ -n \"\${DATABASE_${n}_NAME+set}\" ]"; do
  eval "DATABASE_NAME=\$DATABASE_${n}_NAME DATABASE_USER=\$DATABASE_${n}_USER DATABASE_PASSWORD=\$DATABASE_${n}_PASSWORD"
  one "$n" || { failed=1; said "$n" failed; }
  n=$((n + 1))
done
exit "$failed"
