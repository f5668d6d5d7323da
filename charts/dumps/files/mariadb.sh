# Read by the scripts that talk to MariaDB: how it is reached.

options="--host=${DB_HOST} --user=${DB_USER}"
[ -z "${DB_PORT:-}" ] || options="$options --port=$DB_PORT"
[ -z "${DB_SOCKET:-}" ] || options="$options --socket=$DB_SOCKET"
[ -z "${DB_CA:-}" ] || options="$options --ssl-ca=$DB_CA --ssl-verify-server-cert"

# One column, as it is; a name travels as the hexadecimal of its bytes, since it may hold anything.
query() { mariadb $options --batch --raw --skip-column-names --default-character-set=utf8mb4 --execute "$1"; }
