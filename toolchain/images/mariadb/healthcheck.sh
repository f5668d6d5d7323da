#!/bin/sh
# Both questions of the official image's script that our chart asks: whether the server takes connections over TCP, which it
# does not while its first tables are made, and whether InnoDB is up, without which it takes none.
# No password is needed to be refused by a server that listens.
set -u
said=$(mariadb --no-defaults --protocol=tcp --host=127.0.0.1 --connect-timeout=3 --user=healthcheck --execute='' 2>&1) && exit 0
case $said in *'Access denied'* | *'secure'*) exit 0 ;; esac
printf '%s\n' "$said" >&2
exit 1
