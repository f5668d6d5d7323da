-- Holds a moment still, in which pg_dump reads the content and others count it: all of them speak of the same.
begin transaction isolation level repeatable read, read only;
select pg_export_snapshot() as snapshot \gset
\setenv SNAPSHOT :snapshot
\setenv again :again
\! eval "$again"
commit;
