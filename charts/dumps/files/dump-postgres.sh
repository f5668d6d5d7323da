#!/bin/sh
# Every database of a PostgreSQL server, each as it is at one moment, to the exchange. Beside the content of a database
# goes what pg_restore does not make again: how the database itself is made. Roles go without their passwords.
#
#   EXCHANGE      folder that is shared with store.sh
#   ENVIRONMENT   whose backup it is
#   ID            its name, a moment such as 20261128T030000Z: now, when absent
#   PGHOST, PGUSER, PGPASSWORD, …   of an administrator
set -eu
here=$(dirname "$0")
. "$here/exchange.sh"
# A session waits for its dump, however long that takes.
export PGOPTIONS='-c idle_in_transaction_session_timeout=0 -c statement_timeout=0'
export PGDATABASE=template1 PGAPPNAME=ffops-dump PGCLIENTENCODING=UTF8

query() { psql --no-psqlrc --no-align --tuples-only --quiet --set ON_ERROR_STOP=1 "$@"; }

# What is there, and how large it is, a line each; with a transaction's snapshot in SNAPSHOT.
count() {
  query --dbname "$DATABASE" --set "snapshot=$SNAPSHOT" --set "count=$here/postgres-count.sql" --file - <<'SQL'
begin transaction isolation level repeatable read, read only;
set transaction snapshot :'snapshot';
\i :count
select pg_database_size(current_database());
commit;
SQL
}

# Called back by psql while its transaction holds the snapshot.
if [ "${1:-}" = content ]; then
  # Beside the dump: what one of them has read is in memory for the other.
  watched count >"$KEEP/$2.found" &
  counting=$!
  unset PGCLIENTENCODING
  # Compressed outside, so that every version of pg_dump does it the same way.
  watched pg_dump --format custom --compress 0 --snapshot "$SNAPSHOT" --lock-wait-timeout 600000 --dbname "$DATABASE" |
    watched compress | put "$2.dump.zst" "$SIZE"
  wait "$counting"
  cp "$work/$2.dump.zst.bytes" "$work/$2.dump.zst.sha256" "$KEEP/"
  exit
fi

# A database's oid stands for its name, which may hold anything.
dump_database() {
  oid=$1 file=$2
  DATABASE=$(query --set "oid=$oid" --file - <<'SQL'
select format('dbname=''%s''', replace(replace(datname, '\', '\\'), '''', '\''')) from pg_database where oid = :oid;
SQL
  )
  SIZE=$(query --command "select pg_database_size($oid::oid)")
  export DATABASE SIZE KEEP="$work"
  query --set "oid=$oid" --file "$here/postgres-database.sql" | compress | put "$file.sql.zst"
  query --dbname "$DATABASE" --set "again=sh '$here/dump-postgres.sh' content $file" \
    --file "$here/postgres-content.sql"
  refuse_failures "database $oid"
  [ -s "$work/$file.dump.zst.sha256" ] || give_up "the dump of database $oid broke off"
  say "database $oid: $(cat "$work/$file.dump.zst.bytes") bytes"
}

open_exchange
began=$(date -u +%Y-%m-%dT%H:%M:%SZ)
watched pg_dumpall --globals-only --no-role-passwords | compress | put globals.sql.zst
refuse_failures globals

databases=
number=0
for oid in $(query --command "select oid from pg_database where datallowconn and not datistemplate and datname !~ '^ffops_(restoring|replaced)_' order by datname"); do
  number=$((number + 1))
  file=$(printf '%03d' "$number")
  dump_database "$oid" "$file"
  # What was counted, an object of JSON, and then the size: both become part of the database's own.
  name=$(query --set "oid=$oid" --file - <<'SQL'
select to_json(datname) from pg_database where oid = :oid;
SQL
  )
  counted=$(sed -n '1s/^{\(.*\)}$/\1/p' "$work/$file.found")
  size=$(sed -n 2p "$work/$file.found")
  databases="$databases${databases:+,}{\"name\":$name,$counted,\"size\":$size,$(put_as_json "$file.dump.zst")}"
done

version=$(query --command "select current_setting('server_version_num')::int / 10000 || '.' || current_setting('server_version_num')::int % 10000")
printf '{"schema":"ffops.dump/v1","engine":"postgres","version":"%s","environment":"%s","id":"%s","began":"%s","ended":"%s","databases":[%s]}\n' \
  "$version" "$ENVIRONMENT" "$ID" "$began" "$(date -u +%Y-%m-%dT%H:%M:%SZ)" "$databases" >"$work/manifest"
finish
say "$number databases"
