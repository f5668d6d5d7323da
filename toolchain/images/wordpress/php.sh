#!/bin/sh
# Debian names the program by its version.
exec /usr/bin/php[0-9]* "$@"
