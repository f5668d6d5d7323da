-- What is in a database: the rows of each table, the large objects. One object of JSON. Not its name: a database of another
-- encoding would spell it wrong.
select json_build_object(
  'tables', (
    select coalesce(json_object_agg(format('%I.%I', n.nspname, c.relname),
      (xpath('/row/n/text()',
        query_to_xml(format('select count(*) as n from only %I.%I', n.nspname, c.relname), false, true, '')))[1]::text::bigint
      order by n.nspname, c.relname), '{}')
    from pg_class c join pg_namespace n on n.oid = c.relnamespace
    where c.relkind = 'r' and c.relpersistence <> 't'
      and n.nspname !~ '^pg_' and n.nspname <> 'information_schema'
      and not exists (select from pg_depend p
        where p.classid = 'pg_class'::regclass and p.objid = c.oid and p.deptype = 'e')),
  'largeObjects', (select count(*) from pg_largeobject_metadata)
);
