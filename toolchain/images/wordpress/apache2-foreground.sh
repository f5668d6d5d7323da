#!/bin/sh
# The file of variables reads some that are not set.
set -e
. /etc/apache2/envvars
rm -f "$APACHE_PID_FILE"
exec /usr/sbin/apache2 -D FOREGROUND "$@"
