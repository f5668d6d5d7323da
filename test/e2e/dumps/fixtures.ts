/** Data that dumps get wrong when they are careless: unusual names, binary and large objects, what hangs on a database. */

export const WEIRD = 'We\'ird \\ "näme" `';

export const postgresSeed = String.raw`
create role shop login password 'one';
create role "odd ""role" nologin;
grant shop to "odd ""role" with admin option;
alter role shop set statement_timeout to '5min';
create database shop owner shop;
create database "We'ird \ ""näme"" ${'`'}" encoding 'LATIN1' locale_provider libc lc_collate 'C' lc_ctype 'C' template template0;
comment on database shop is 'it''s a shop';
alter database shop set search_path to "$user", public, extra;
alter role shop in database shop set work_mem to '8MB';
revoke connect on database shop from public;
grant connect on database shop to "odd ""role" with grant option;
\c shop
create extension pg_trgm;
create extension hstore;
create schema extra authorization shop;
create schema "Sp ace";
create table customer(id bigserial primary key, name text not null, attributes hstore, at timestamptz default now());
insert into customer(name, attributes) select md5(i::text), hstore('k', i::text) from generate_series(1, 20000) i;
create index on customer using gin (name gin_trgm_ops);
alter table customer owner to shop;
create table "Sp ace"."Ta""b le" (x int, y bytea, "UPPER" text);
insert into "Sp ace"."Ta""b le" values (1, '\x00ff', E'tab\there\nand a line'), (2, null, '\.');
create table parted(i int, t text) partition by range (i);
create table parted_low partition of parted for values from (0) to (10);
insert into parted values (1, 'a'), (2, 'b');
create view names as select id, name from customer;
create materialized view totals as select count(*) from customer;
create function touch() returns trigger language plpgsql as 'begin new.at = now(); return new; end';
create trigger touched before update on customer for each row execute function touch();
create sequence numbers start 17 increment 3;
select nextval('numbers'), nextval('numbers');
select lo_from_bytea(0, '\xdeadbeef'), lo_from_bytea(0, convert_to(repeat('large ', 100000), 'UTF8'));
`;

/** mariadb-dump itself fails on names of databases with quotes or backslashes; tables may have them. */
export const MARIADB_WEIRD = 'od-d `b é';

export const mariadbSeed = String.raw`
set names utf8mb4;
create database shop character set utf8mb4 collate utf8mb4_unicode_ci;
create database plain character set latin1;
create database ${'`od-d ``b é`'};
use shop;
create table customer(id bigint primary key auto_increment, name varchar(64), note text, picture longblob, twice int generated always as (id_copy * 2) stored, id_copy int) engine=innodb;
insert into customer(name, note, picture, id_copy) select md5(seq), concat('line\nbreak ', seq), unhex(sha2(seq, 512)), seq from seq_1_to_20000;
create table ${'`we``ird "t\\`'} (x int, y varchar(40));
insert into ${'`we``ird "t\\`'} values (1, '(q'), (2, 'INSERT INTO ${'`z`'} VALUES'), (3, '\n(3)');
create table empty(x int);
create view names as select id, name from customer;
create sequence numbers start with 17;
select nextval(numbers);
delimiter ;;
create procedure fill() begin
INSERT INTO ${'`empty`'} VALUES
(99);
end;;
create trigger stamped before insert on empty for each row begin set new.x =
(1); end;;
create event nightly on schedule every 1 day do select 1;;
create function twice(n int) returns int deterministic return n * 2;;
delimiter ;
create user shop@'%' identified by 'one';
create role reader;
grant select on shop.* to reader;
grant reader to shop@'%';
grant all on shop.* to shop@'%';
use ${'`od-d ``b é`'};
create table ${'`tä ble`'} (x int);
insert into ${'`tä ble`'} values (1);
`;
