-- The rows are counted in the snapshot that pg_dump reads, so that both speak of the same moment.
begin transaction isolation level repeatable read, read only;
select pg_export_snapshot() as snapshot \gset
\setenv SNAPSHOT :snapshot
\setenv again :again
\! eval "$again"
\ir postgres-count.sql
select pg_database_size(current_database());
commit;
