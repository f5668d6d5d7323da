#!/bin/sh
# Databases from a backup that store.sh fetched. Each is made under a name of its own, filled and counted, and only then
# takes the place of the one that is there: whatever breaks off before leaves that one as it is. Roles that are missing
# are made, without a password; those that exist keep theirs.
#
#   EXCHANGE   folder that store.sh fetched into
#   RESTORES   a line each: the dump's number, the name it gets (base64)
#   TRIAL      set: nothing takes a place and no role is made; each database goes again once it is counted
#   JOBS       how many workers fill a database
#   PGHOST, PGUSER, PGPASSWORD, …   of an administrator
#
# Prints one line of JSON for each: {"name":…,"tables":{…},"largeObjects":…}, counted in what was restored.
set -eu
here=$(dirname "$0")
# The one database that is never restored: every other one can take another name meanwhile.
export PGDATABASE=template1 PGOPTIONS='-c statement_timeout=0' PGAPPNAME=ffops-restore PGCLIENTENCODING=UTF8

say() { printf '%s %s\n' "$(date -u +%H:%M:%S)" "$*" >&2; }

query() { psql --no-psqlrc --no-align --tuples-only --quiet --set ON_ERROR_STOP=1 "$@"; }

drop() {
  query --set "database=$1" --file - <<'SQL'
select format('drop database if exists %I with (force)', :'database') \gexec
SQL
}

# What exists already is no failure (duplicate_object); anything else is.
restore_roles() {
  zstd -qdc "$EXCHANGE/globals.sql.zst" |
    psql --no-psqlrc --quiet --set VERBOSITY=sqlstate >/dev/null 2>"$EXCHANGE/roles" || :
  if grep -E 'ERROR|FATAL|error' "$EXCHANGE/roles" | grep -v 'ERROR: *42710' >&2; then
    say 'the roles could not be restored'
    exit 1
  fi
}

# Of a run that was killed: half filled, or already replaced.
clear_remains() {
  query --file - <<'SQL'
select format('drop database %I with (force)', datname) from pg_database
where datname ~ '^ffops_(restoring|replaced)_' \gexec
SQL
}

restore_database() {
  file=$1
  name=$(printf '%s' "$2" | base64 -d)
  fresh="ffops_restoring_$file"
  say "restoring $file"
  # The first line makes the database; the others speak of roles.
  zstd -qdc "$EXCHANGE/$file.sql.zst" | sed -n "${TRIAL:+1}p" | query --set "database=$fresh" --file -
  # Several workers want a file that they can jump around in.
  zstd -qdf "$EXCHANGE/$file.dump.zst" -o "$EXCHANGE/$file.dump"
  if ! pg_restore --exit-on-error --jobs "${JOBS:-2}" ${TRIAL:+--no-owner --no-privileges} \
    --dbname "$fresh" "$EXCHANGE/$file.dump"; then
    drop "$fresh"
    say "$file could not be restored; the database that is there is as it was"
    exit 1
  fi
  rm "$EXCHANGE/$file.dump"
  # Both read all of it: side by side.
  [ -n "${TRIAL:-}" ] || query --dbname "$fresh" --command 'analyze' &
  analysing=$!
  found=$(query --dbname "$fresh" --file "$here/postgres-count.sql")
  wait "$analysing"
  if [ -n "${TRIAL:-}" ]; then
    drop "$fresh"
  else
    swap "$fresh" "$name" "ffops_replaced_$file"
  fi
  printf '{"name":%s,%s\n' "$(json "$name")" "${found#\{}"
}

json() {
  query --set "text=$1" --file - <<'SQL'
select to_json(:'text'::text);
SQL
}

# The old one goes only when the new one has its name.
swap() {
  query --set "fresh=$1" --set "name=$2" --set "old=$3" --file - <<'SQL'
select format('alter database %I allow_connections false', datname) from pg_database where datname = :'name' \gexec
select count(pg_terminate_backend(pid)) from pg_stat_activity
where datname in (:'name', :'fresh') and pid <> pg_backend_pid() \g /dev/null
begin;
select format('alter database %I rename to %I', datname, :'old') from pg_database where datname = :'name' \gexec
select format('alter database %I rename to %I', :'fresh', :'name') \gexec
commit;
select format('drop database if exists %I with (force)', :'old') \gexec
SQL
}

clear_remains
[ -n "${TRIAL:-}" ] || restore_roles
printf '%s\n' "$RESTORES" | while read -r file name; do
  [ -z "$file" ] || restore_database "$file" "$name"
done
