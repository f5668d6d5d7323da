-- How a database is made and what hangs on it, as SQL in which :"database" is its name: it may be made
-- under another. The first line makes it, and speaks of no role.
select format(
  'create database :"database" template template0 encoding %L%s connection limit %s;',
  pg_encoding_to_char(d.encoding),
  case coalesce(to_jsonb(d) ->> 'datlocprovider', 'c')
    when 'c' then format(' locale_provider libc lc_collate %L lc_ctype %L', d.datcollate, d.datctype)
    when 'i' then format(' locale_provider icu icu_locale %L lc_collate %L lc_ctype %L',
      coalesce(to_jsonb(d) ->> 'datlocale', to_jsonb(d) ->> 'daticulocale'), d.datcollate, d.datctype)
    else format(' locale_provider builtin builtin_locale %L lc_collate %L lc_ctype %L',
      to_jsonb(d) ->> 'datlocale', d.datcollate, d.datctype)
  end,
  d.datconnlimit)
from pg_database d where d.oid = :oid;

select format('alter database :"database" owner to %I;', pg_get_userbyid(datdba)) from pg_database where oid = :oid;

select format('comment on database :"database" is %L;', shobj_description(oid, 'pg_database'))
from pg_database where oid = :oid and shobj_description(oid, 'pg_database') is not null;

-- Absent when nobody ever changed it.
select 'revoke all on database :"database" from public;' from pg_database where oid = :oid and datacl is not null;
select format('grant %s on database :"database" to %s%s;', a.privilege_type,
  case a.grantee when 0 then 'public' else quote_ident(pg_get_userbyid(a.grantee)) end,
  case when a.is_grantable then ' with grant option' else '' end)
from pg_database d, aclexplode(d.datacl) a where d.oid = :oid;

-- Lists are stored as they are written; everything else is one value.
select format('alter %sdatabase :"database" set %I to %s;',
  case s.setrole when 0 then '' else format('role %I in ', pg_get_userbyid(s.setrole)) end,
  split_part(c, '=', 1),
  case when split_part(c, '=', 1) in ('search_path', 'temp_tablespaces', 'local_preload_libraries',
      'session_preload_libraries', 'shared_preload_libraries', 'unix_socket_directories')
    then coalesce(nullif(substr(c, strpos(c, '=') + 1), ''), '''''')
    else quote_literal(substr(c, strpos(c, '=') + 1)) end)
from pg_db_role_setting s, unnest(s.setconfig) c where s.setdatabase = :oid;
