<?php
// What the official image's configuration takes from variables.
foreach ( array( 'DB_HOST' => 'mysql', 'DB_NAME' => 'wordpress', 'DB_USER' => 'wordpress', 'DB_PASSWORD' => '', 'DB_CHARSET' => 'utf8mb4', 'DB_COLLATE' => '' ) as $ffops_name => $ffops_value ) {
  define( $ffops_name, getenv( "WORDPRESS_$ffops_name" ) ?: $ffops_value );
}
foreach ( array( 'AUTH_KEY', 'SECURE_AUTH_KEY', 'LOGGED_IN_KEY', 'NONCE_KEY', 'AUTH_SALT', 'SECURE_AUTH_SALT', 'LOGGED_IN_SALT', 'NONCE_SALT' ) as $ffops_name ) {
  define( $ffops_name, getenv( "WORDPRESS_$ffops_name" ) ?: '' );
}
$table_prefix = getenv( 'WORDPRESS_TABLE_PREFIX' ) ?: 'wp_';
define( 'WP_DEBUG', (bool) getenv( 'WORDPRESS_DEBUG' ) );

// Whoever ends TLS says so.
if ( str_contains( $_SERVER['HTTP_X_FORWARDED_PROTO'] ?? '', 'https' ) ) {
  $_SERVER['HTTPS'] = 'on';
}

if ( getenv( 'WORDPRESS_CONFIG_EXTRA' ) ) {
  eval( getenv( 'WORDPRESS_CONFIG_EXTRA' ) );
}
if ( ! defined( 'ABSPATH' ) ) {
  define( 'ABSPATH', __DIR__ . '/' );
}
require_once ABSPATH . 'wp-settings.php';
