/** Texts that WordPress' containers mount. None holds a value: those come by variables, and secrets never as text. */

/** Where they lie in the containers. */
export const FOLDER = '/usr/local/share/ffops';

/** Apache without the right to take port 80, and `www.` sent to the one name that pages have. */
export function apacheSite(home: string, www: string): string {
  return `<VirtualHost *:8080>
  DocumentRoot /var/www/html
  ErrorLog /dev/stderr
  CustomLog /dev/stdout combined
</VirtualHost>

<VirtualHost *:8080>
  ServerName ${www}
  Redirect permanent / ${home}/
</VirtualHost>
`;
}

export const APACHE_PORTS = 'Listen 8080\n';

export const PHP_SETTINGS = `upload_max_filesize = 64M
post_max_size = 64M
memory_limit = 256M
`;

/**
 * Read by wp-config.php. Hooks are laid down before WordPress is loaded, in the form that it takes over by itself, so
 * that nothing has to lie among the plugins.
 */
export const SETTINGS = `<?php
define( 'WP_HOME', getenv( 'WORDPRESS_HOME' ) );
define( 'WP_SITEURL', getenv( 'WORDPRESS_HOME' ) );

// The image brings the core; plugins and themes are on the volume and may be changed in its pages, but not edited there.
define( 'WP_AUTO_UPDATE_CORE', false );
define( 'DISALLOW_FILE_EDIT', true );
define( 'FS_METHOD', 'direct' );

// The connection to the database is encrypted.
define( 'MYSQL_CLIENT_FLAGS', MYSQLI_CLIENT_SSL );

if ( getenv( 'WORDPRESS_SMTP_HOST' ) ) {
  $GLOBALS['wp_filter']['wp_mail_from'][10]['ffops'] = array(
    'accepted_args' => 0,
    'function'      => static function () {
      return getenv( 'WORDPRESS_SMTP_FROM' );
    },
  );
  $GLOBALS['wp_filter']['phpmailer_init'][10]['ffops'] = array(
    'accepted_args' => 1,
    'function'      => static function ( $mailer ) {
      $encryption          = getenv( 'WORDPRESS_SMTP_TLS' );
      $mailer->isSMTP();
      $mailer->Host        = getenv( 'WORDPRESS_SMTP_HOST' );
      $mailer->Port        = (int) getenv( 'WORDPRESS_SMTP_PORT' );
      $mailer->SMTPAutoTLS = false;
      $mailer->SMTPSecure  = array( 'starttls' => 'tls', 'tls' => 'ssl', 'none' => '' )[ $encryption ];
      if ( getenv( 'WORDPRESS_SMTP_USER' ) ) {
        $mailer->SMTPAuth = true;
        $mailer->Username = getenv( 'WORDPRESS_SMTP_USER' );
        $mailer->Password = getenv( 'WORDPRESS_SMTP_PASSWORD' );
      }
    },
  );
}

if ( getenv( 'WORDPRESS_MEDIA_BUCKET' ) ) {
  define(
    'AS3CF_SETTINGS',
    serialize(
      array(
        'provider'          => 'do',
        'access-key-id'     => getenv( 'WORDPRESS_MEDIA_ACCESS_KEY' ),
        'secret-access-key' => getenv( 'WORDPRESS_MEDIA_SECRET_KEY' ),
        'bucket'            => getenv( 'WORDPRESS_MEDIA_BUCKET' ),
        'region'            => getenv( 'WORDPRESS_MEDIA_REGION' ),
        'copy-to-s3'        => true,
        'serve-from-s3'     => true,
      )
    )
  );
}
`;

/**
 * Before Apache starts: tables and an administrator, both only when they are missing, so that it may be stopped
 * anywhere and run again. Passwords go in by stdin.
 */
export const INSTALL = `#!/bin/sh
set -eu
cd /var/www/html

reachable() {
  php -r '
    mysqli_report( MYSQLI_REPORT_OFF );
    list( $host, $port ) = explode( ":", getenv( "WORDPRESS_DB_HOST" ) );
    $database = mysqli_init();
    $open     = $database->real_connect(
      $host, getenv( "WORDPRESS_DB_USER" ), getenv( "WORDPRESS_DB_PASSWORD" ), getenv( "WORDPRESS_DB_NAME" ),
      (int) $port, null, MYSQLI_CLIENT_SSL
    );
    exit( $open ? 0 : 1 );
  '
}

tries=0
until reachable; do
  tries=$((tries + 1))
  if [ "$tries" -ge 60 ]; then
    echo "the database does not answer" >&2
    exit 1
  fi
  sleep 2
done

if ! wp core is-installed; then
  printf '%s\\n' "$WORDPRESS_ADMIN_PASSWORD" | wp core install --skip-email --prompt=admin_password \\
    --url="$WORDPRESS_HOME" --title="$WORDPRESS_TITLE" \\
    --admin_user="$WORDPRESS_ADMIN_USER" --admin_email="$WORDPRESS_ADMIN_EMAIL"
fi
wp core update-db

if [ "$(wp user list --role=administrator --format=count)" -eq 0 ]; then
  printf '%s\\n' "$WORDPRESS_ADMIN_PASSWORD" | wp user create "$WORDPRESS_ADMIN_USER" "$WORDPRESS_ADMIN_EMAIL" \\
    --role=administrator --prompt=user_pass
fi

if [ -n "$WORDPRESS_MEDIA_PLUGIN" ]; then
  wp plugin is-installed "$WORDPRESS_MEDIA_PLUGIN" || wp plugin install "$WORDPRESS_MEDIA_PLUGIN"
  wp plugin is-active "$WORDPRESS_MEDIA_PLUGIN" || wp plugin activate "$WORDPRESS_MEDIA_PLUGIN"
fi
`;
