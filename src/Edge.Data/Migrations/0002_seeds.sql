-- What `edge seed` has made here: lets a second run tell its own data from somebody's.
create table edge_seeds (
    id        integer     generated always as identity primary key,
    options   text        not null,
    as_of     timestamptz not null,
    seeded_at timestamptz not null default now()
);
