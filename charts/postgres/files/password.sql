-- The role's password becomes DATABASE_PASSWORD.
\getenv role DATABASE_USER
\getenv password DATABASE_PASSWORD
SET log_statement = 'none';
SET log_min_error_statement = 'panic';
SET log_min_duration_statement = -1;
SELECT format('ALTER ROLE %I PASSWORD %L', :'role', :'password') \gexec
\echo password-changed
