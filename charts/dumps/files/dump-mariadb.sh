#!/bin/sh
# Every database of a MariaDB server, each as it is at one moment, to the exchange; users go without their passwords.
# The rows are counted as they pass: no second look at the server could see the same moment.
#
#   EXCHANGE, ENVIRONMENT, ID   as in dump-postgres.sh
#   DB_HOST, DB_PORT, DB_USER, MYSQL_PWD   of an administrator; DB_CA signs the server's certificate
set -eu
here=$(dirname "$0")
. "$here/exchange.sh"
. "$here/mariadb.sh"

# Users and roles with what they may do, as SQL that adds the missing ones and gives nobody a password. Those that are
# recognised by the socket belong to the server's own pod, which makes them itself.
others="user not in ('', 'root', 'mariadb.sys', 'PUBLIC') and coalesce(json_value(priv, '\$.plugin'), '') <> 'unix_socket'"

globals() {
  query "select 'role', quote(user), quote(user) from mysql.global_priv
      where json_value(priv, '\$.is_role') = 1 and user <> 'PUBLIC'
    union all select 'user', concat(quote(user), '@', quote(host)), concat(quote(user), '@', quote(host)) from mysql.global_priv
      where coalesce(json_value(priv, '\$.is_role'), 0) = 0 and $others" |
    while IFS="$(printf '\t')" read -r kind name _; do
      if [ "$kind" = role ]; then
        echo "create role if not exists $name;"
      else
        echo "create user if not exists $name identified via mysql_native_password using 'invalid';"
      fi
    done
  # Nobody may grant a role that another made but its own administrators: who has it is written where it is kept.
  query "select concat('insert ignore into mysql.roles_mapping (Host, User, Role, Admin_option) values (',
      concat_ws(', ', quote(host), quote(user), quote(role), quote(admin_option)), ');')
    from mysql.roles_mapping where user <> 'root'"
  echo 'flush privileges;'
  query "select if(json_value(priv, '\$.is_role') = 1, quote(user), concat(quote(user), '@', quote(host)))
    from mysql.global_priv where $others" |
    while read -r name; do query "show grants for $name"; done |
    sed -e '/^GRANT `/d' -e "s/ IDENTIFIED BY PASSWORD '[^']*'//" -e 's/ IDENTIFIED VIA .*\( REQUIRE .*\| WITH .*\)$/\1/' \
      -e 's/ IDENTIFIED VIA .*$//' -e 's/$/;/'
}

# A name travels as the hexadecimal of its bytes.
dump_database() {
  hex=$1 file=$2
  name=$(query "select convert(unhex('$hex') using utf8mb4)")
  query "select concat('character set ', default_character_set_name, ' collate ', default_collation_name)
    from information_schema.schemata where hex(schema_name) = '$hex'" | compress | put "$file.sql.zst"
  size=$(query "select coalesce(sum(data_length + index_length), 0) from information_schema.tables
    where hex(table_schema) = '$hex'")
  mkfifo "$work/$file.rows"
  awk -f "$here/mariadb-rows.awk" <"$work/$file.rows" >"$work/$file.tables" &
  counting=$!
  # One row a line, which is what the counting goes by.
  watched mariadb-dump $options --single-transaction --quick --routines --events --triggers --hex-blob \
    --extended-insert --default-character-set=utf8mb4 --max-allowed-packet=1G -- "$name" |
    tee "$work/$file.rows" | watched compress | put "$file.dump.zst" "$((size * 2))"
  wait "$counting"
  refuse_failures "database $hex"
  printf '{"name":%s,"size":%s,"tables":{%s},%s}' \
    "$(query "select json_quote(convert(unhex('$hex') using utf8mb4))")" "$size" "$(cat "$work/$file.tables")" \
    "$(put_as_json "$file.dump.zst")" >"$work/$file.json"
  say "database $hex: $(cat "$work/$file.dump.zst.bytes") bytes"
}

open_exchange
began=$(date -u +%Y-%m-%dT%H:%M:%SZ)
watched globals | compress | put globals.sql.zst
refuse_failures globals

databases=
number=0
for hex in $(query "select hex(schema_name) from information_schema.schemata
    where schema_name not in ('information_schema', 'performance_schema', 'mysql', 'sys') order by schema_name"); do
  number=$((number + 1))
  file=$(printf '%03d' "$number")
  dump_database "$hex" "$file"
  databases="$databases${databases:+,}$(cat "$work/$file.json")"
done

version=$(query "select version()" | sed 's/[^0-9.].*//')
# printf, not a here-document's shell: names may hold backslashes.
printf '{"schema":"ffops.dump/v1","engine":"mariadb","version":"%s","environment":"%s","id":"%s","began":"%s","ended":"%s","databases":[%s]}\n' \
  "$version" "$ENVIRONMENT" "$ID" "$began" "$(date -u +%Y-%m-%dT%H:%M:%SZ)" "$databases" >"$work/manifest"
finish
say "$number databases"
