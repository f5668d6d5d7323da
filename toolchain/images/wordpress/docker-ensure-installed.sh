#!/bin/sh
# Lays the core down where there is none yet, as the official image's script of this name does; of wp-content only what is
# missing, for that may be a volume. Then does what it is told.
set -eu
core=/usr/share/wordpress
site=/var/www/html

if [ ! -e "$site/wp-includes/version.php" ]; then
  # Debian shares files between packages by links, and its configuration is not the image's.
  (cd "$core" && find . -mindepth 1 -maxdepth 1 ! -name wp-content ! -name wp-config.php ! -name .htaccess) |
    while read -r path; do cp -RL "$core/$path" "$site/"; done
fi
for kind in plugins themes; do
  mkdir -p "$site/wp-content/$kind"
  for path in "$core/wp-content/$kind"/*; do
    [ -e "$site/wp-content/$kind/$(basename "$path")" ] || cp -RL "$path" "$site/wp-content/$kind/"
  done
done
[ -e "$site/wp-content/index.php" ] || echo '<?php' >"$site/wp-content/index.php"
[ -e "$site/wp-config.php" ] || cp /usr/local/share/wordpress/wp-config.php "$site/"
exec "$@"
