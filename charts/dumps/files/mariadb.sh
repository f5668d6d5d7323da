# Read by the scripts that talk to MariaDB: how it is reached.

options="--no-defaults --protocol=tcp --host=$DB_HOST --port=${DB_PORT:-3306} --user=$DB_USER --ssl-ca=$DB_CA --ssl-verify-server-cert"

# One column, as it is; a name travels as the hexadecimal of its bytes, since it may hold anything.
query() { mariadb $options --batch --raw --skip-column-names --default-character-set=utf8mb4 --execute "$1"; }
