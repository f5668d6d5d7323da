#!/bin/sh
# Sets the superuser's password to POSTGRES_PASSWORD, as soon as the server listens.
until psql --no-psqlrc --quiet --username postgres --dbname postgres --set ON_ERROR_STOP=1 <<'SQL'; do sleep 1; done
\set VERBOSITY terse
\getenv password POSTGRES_PASSWORD
SET log_statement = 'none';
SET log_min_error_statement = 'panic';
SELECT format('ALTER ROLE postgres PASSWORD %L', :'password') \gexec
SQL
