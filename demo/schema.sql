-- The demo's shop: small enough to load in a second, large enough that a report takes one.
create extension pg_stat_statements;
create role checkout login password 'demo';
create role reporting login password 'demo';
create role importer login password 'demo';
-- What the plugin signs in as: it may watch and signal everybody, read and write rows, and is no superuser.
create role operator login password 'demo' in role pg_monitor, pg_signal_backend, pg_read_all_data, pg_write_all_data;

create table customers (
  id bigint generated always as identity primary key,
  name text not null,
  country text not null,
  joined timestamptz not null default now(),
  preferences jsonb not null default '{}'
);
create table products (
  id bigint generated always as identity primary key,
  title text not null,
  price numeric(10, 2) not null check (price >= 0),
  stock integer not null
);
create table orders (
  id bigint generated always as identity primary key,
  customer_id bigint not null references customers (id),
  placed timestamptz not null default now(),
  state text not null default 'new'
);
create table order_items (
  order_id bigint not null references orders (id),
  product_id bigint not null references products (id),
  quantity integer not null check (quantity > 0),
  primary key (order_id, product_id)
);
create index orders_customer_idx on orders (customer_id);
create index orders_placed_idx on orders (placed);

insert into customers (name, country, joined, preferences)
select 'Customer ' || n, (array['AT', 'DE', 'IN', 'KE', 'NP', 'PT', 'ZA'])[1 + n % 7], now() - n * interval '7 minutes',
       jsonb_build_object('newsletter', n % 3 = 0, 'language', (array['de', 'en', 'hi', 'sw'])[1 + n % 4])
from generate_series(1, 2000) as n;
insert into products (title, price, stock)
select 'Product ' || n, round((5 + n * 37 % 400)::numeric + 0.9, 2), 1000 from generate_series(1, 300) as n;
insert into orders (customer_id, placed, state)
select 1 + n * 17 % 2000, now() - n * interval '40 seconds', (array['new', 'paid', 'packed', 'shipped'])[1 + n % 4]
from generate_series(1, 20000) as n;
insert into order_items (order_id, product_id, quantity)
select n, 1 + (n * 7 + item * 13) % 300, 1 + n % 3 from generate_series(1, 20000) as n, generate_series(0, 1) as item;
analyze;
grant select, insert, update on all tables in schema public to checkout, importer;
grant select on all tables in schema public to reporting;
