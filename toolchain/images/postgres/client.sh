#!/bin/sh
# Debian keeps programs in a folder for each version, behind a script in Perl that chooses one.
exec /usr/lib/postgresql/*/bin/"$(basename "$0")" "$@"
