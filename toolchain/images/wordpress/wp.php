#!/usr/local/bin/php
<?php
/**
 * The commands of WP-CLI that our chart uses, with WordPress' own functions; WP-CLI itself is published where no package
 * registry has it. What needs wordpress.org, such as installing a plugin, says that it cannot be done here.
 */
$words   = array();
$options = array();
foreach ( array_slice( $argv, 1 ) as $argument ) {
  if ( preg_match( '/^--([a-z_-]+)(?:=(.*))?$/s', $argument, $parts ) ) {
    $options[ $parts[1] ] = $parts[2] ?? true;
  } else {
    $words[] = $argument;
  }
}
if ( isset( $options['prompt'] ) ) {
  $options[ $options['prompt'] ] = rtrim( (string) fgets( STDIN ), "\n" );
}

$command = implode( ' ', array_slice( $words, 0, 2 ) );
if ( in_array( $command, array( 'core is-installed', 'core install' ), true ) ) {
  define( 'WP_INSTALLING', true );
}
// What WordPress asks of a request.
$_SERVER += array( 'SERVER_PROTOCOL' => 'HTTP/1.1', 'REQUEST_METHOD' => 'GET', 'REQUEST_URI' => '/', 'HTTP_HOST' => '' );
$_SERVER['HTTP_HOST'] = parse_url( (string) getenv( 'WORDPRESS_HOME' ), PHP_URL_HOST ) ?: 'localhost';
require getcwd() . '/wp-load.php';
require_once ABSPATH . 'wp-admin/includes/upgrade.php';
require_once ABSPATH . 'wp-admin/includes/plugin.php';

switch ( $command ) {
  case 'core is-installed':
    exit( is_blog_installed() ? 0 : 1 );
  case 'core install':
    if ( is_blog_installed() ) {
      exit( 0 );
    }
    if ( isset( $options['skip-email'] ) ) {
      add_filter( 'pre_wp_mail', '__return_true' );
    }
    wp_install( $options['title'], $options['admin_user'], $options['admin_email'], true, '', wp_slash( $options['admin_password'] ) );
    update_option( 'siteurl', $options['url'] );
    update_option( 'home', $options['url'] );
    exit( is_blog_installed() ? 0 : 1 );
  case 'core update-db':
    wp_upgrade();
    exit( 0 );
  case 'user list':
    $users = get_users( array( 'role' => $options['role'] ?? '' ) );
    echo ( $options['format'] ?? '' ) === 'count' ? count( $users ) : implode( "\n", wp_list_pluck( $users, 'user_login' ) ), "\n";
    exit( 0 );
  case 'user create':
    $user = wp_insert_user( array( 'user_login' => $words[2], 'user_email' => $words[3], 'user_pass' => $options['user_pass'], 'role' => $options['role'] ) );
    exit( is_wp_error( $user ) ? 1 : 0 );
  case 'plugin is-installed':
    exit( get_plugins( '/' . $words[2] ) === array() ? 1 : 0 );
  case 'plugin is-active':
    exit( preg_grep( '#^' . preg_quote( $words[2], '#' ) . '/#', (array) get_option( 'active_plugins' ) ) === array() ? 1 : 0 );
  case 'plugin activate':
    $files = array_keys( get_plugins( '/' . $words[2] ) );
    exit( $files !== array() && activate_plugin( "$words[2]/$files[0]" ) === null ? 0 : 1 );
  default:
    fwrite( STDERR, "This rebuilt image cannot do: wp $command\n" );
    exit( 1 );
}
