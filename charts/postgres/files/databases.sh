#!/bin/sh
# Makes what is missing of the databases and roles in DATABASE_<n>_NAME, _USER and _PASSWORD, gives a role its password when
# it has another one, and drops nothing. Says what it did, one line each: `ffops <n> <what>`. Can be run any number of times,
# also by several at once. Needs psql 15 for \getenv: no value is ever an argument.
set -u
here=$(dirname "$0")
export PGCLIENTENCODING=UTF8 PGCONNECT_TIMEOUT=10

as_superuser() {
  PGUSER=postgres PGDATABASE=postgres PGPASSWORD=$SUPERUSER_PASSWORD run "$@"
}

as_role() {
  PGUSER=$DATABASE_USER PGDATABASE=$DATABASE_NAME PGPASSWORD=$DATABASE_PASSWORD run "$@"
}

run() {
  psql --no-psqlrc --no-password --quiet --tuples-only --no-align --set ON_ERROR_STOP=1 --set VERBOSITY=terse "$@"
}

# `ffops <n>` in front of each line.
said() {
  [ -z "$2" ] || printf '%s\n' "$2" | sed "s/^/ffops $1 /"
}

one() {
  made=$(as_superuser --file "$here/database.sql") || return 1
  said "$1" "$made"
  # Opening it is the one proof that the password is right.
  if ! as_role --command '' 2>/dev/null; then
    changed=$(as_superuser --file "$here/password.sql") || return 1
    as_role --command '' || return 1
    said "$1" "$changed"
  fi
  said "$1" done
}

attempt=1
until as_superuser --command '' 2>/dev/null || [ "$attempt" -ge 30 ]; do
  attempt=$((attempt + 1))
  sleep 2
done
as_superuser --file "$here/server.sql" || exit 1

failed=0
n=1
while eval "[ -n \"\${DATABASE_${n}_NAME+set}\" ]"; do
  eval "DATABASE_NAME=\$DATABASE_${n}_NAME DATABASE_USER=\$DATABASE_${n}_USER DATABASE_PASSWORD=\$DATABASE_${n}_PASSWORD"
  export DATABASE_NAME DATABASE_USER DATABASE_PASSWORD
  one "$n" || { failed=1; said "$n" failed; }
  n=$((n + 1))
done
exit "$failed"
