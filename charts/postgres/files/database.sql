-- One database and its role, from DATABASE_NAME, _USER and _PASSWORD.
\getenv name DATABASE_NAME
\getenv role DATABASE_USER
\getenv password DATABASE_PASSWORD

-- Passwords stay out of the server's log.
SET log_statement = 'none';
SET log_min_error_statement = 'panic';
SET log_min_duration_statement = -1;

-- One at a time; given back when the connection ends.
DO $$ BEGIN PERFORM pg_advisory_lock(hashtext('ffops.databases')); END $$;

SELECT greatest(octet_length(:'name'), octet_length(:'role')) > 63 AS too_long \gset
\if :too_long
  DO $$ BEGIN RAISE 'The name is longer than the 63 bytes that PostgreSQL keeps of one.'; END $$;
\endif

SELECT NOT EXISTS (SELECT FROM pg_roles WHERE rolname = :'role') AS missing \gset
\if :missing
  SELECT format('CREATE ROLE %I LOGIN PASSWORD %L', :'role', :'password') \gexec
  \echo role-created
\endif

SELECT NOT rolcanlogin AS locked FROM pg_roles WHERE rolname = :'role' \gset
\if :locked
  SELECT format('ALTER ROLE %I LOGIN', :'role') \gexec
  \echo login-allowed
\endif

SELECT NOT EXISTS (SELECT FROM pg_database WHERE datname = :'name') AS missing \gset
\if :missing
  SELECT format('CREATE DATABASE %I OWNER %I TEMPLATE template0', :'name', :'role') \gexec
  \echo database-created
\endif

SELECT pg_get_userbyid(datdba) <> :'role' AS others FROM pg_database WHERE datname = :'name' \gset
\if :others
  SELECT format('ALTER DATABASE %I OWNER TO %I', :'name', :'role') \gexec
  \echo owner-changed
\endif

-- Other apps' roles stay out.
SELECT format('REVOKE ALL ON DATABASE %I FROM PUBLIC', :'name')
  WHERE has_database_privilege('public', :'name', 'CONNECT') \gexec
