#!/bin/sh
# Sets root's password to MARIADB_ROOT_PASSWORD, as soon as the server listens. In hexadecimal no character means anything.
password=$(printf %s "$MARIADB_ROOT_PASSWORD" | od -An -v -tx1 | tr -d ' \n')
until mariadb --no-defaults --protocol=socket --socket="${SOCKET:-/run/mysqld/mysqld.sock}" --user=mysql <<SQL; do sleep 1; done
SET SESSION sql_mode = '';
SET @password = CONVERT(x'$password' USING utf8mb4);
EXECUTE IMMEDIATE CONCAT('ALTER USER root@localhost IDENTIFIED BY ', QUOTE(@password));
EXECUTE IMMEDIATE CONCAT('ALTER USER root@''%'' IDENTIFIED BY ', QUOTE(@password));
SQL
