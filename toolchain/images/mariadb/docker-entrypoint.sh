#!/bin/sh
# What the official image does before the server starts, as far as our chart relies on it: tables and root's password where
# there are none, a user of the system for what is done from inside, and one for health checks. Run by a user who is not root.
set -eu
[ "${1:-}" = mariadbd ] || exec "$@"
data=/var/lib/mysql
socket=/run/mysqld/mysqld.sock

# In hexadecimal no character of a password means anything.
hexadecimal() {
  printf %s "$1" | od -An -v -tx1 | tr -d ' \n'
}

first_statements() {
  echo "SET SESSION sql_mode = '';"
  echo "SET @password = CONVERT(x'$(hexadecimal "$MARIADB_ROOT_PASSWORD")' USING utf8mb4);"
  echo "EXECUTE IMMEDIATE CONCAT('ALTER USER root@localhost IDENTIFIED BY ', QUOTE(@password));"
  echo "EXECUTE IMMEDIATE CONCAT('CREATE USER root@''%'' IDENTIFIED BY ', QUOTE(@password));"
  echo "GRANT ALL ON *.* TO root@'%' WITH GRANT OPTION;"
  if [ -n "${MARIADB_MYSQL_LOCALHOST_USER:-}" ]; then
    echo "CREATE USER IF NOT EXISTS mysql@localhost IDENTIFIED VIA unix_socket;"
    echo "GRANT ${MARIADB_MYSQL_LOCALHOST_GRANTS:-USAGE} ON *.* TO mysql@localhost;"
  fi
  echo "CREATE USER healthcheck@localhost IDENTIFIED VIA unix_socket AS 'mysql';"
  echo "FLUSH PRIVILEGES;"
}

# Both speak to a server that nobody else reaches.
as_root() {
  mariadb --no-defaults --protocol=socket --socket="$socket" --user=root "$@"
}

if [ ! -d "$data/mysql" ]; then
  : "${MARIADB_ROOT_PASSWORD:?}"
  mariadb-install-db --datadir="$data" --auth-root-authentication-method=normal --skip-test-db >&2
  mariadbd --skip-networking &
  server=$!
  until as_root --execute='' 2>/dev/null; do
    kill -0 "$server"
    sleep 0.2
  done
  first_statements | as_root
  kill "$server"
  wait "$server"
fi
unset MARIADB_ROOT_PASSWORD
exec "$@"
