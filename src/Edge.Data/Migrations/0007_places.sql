-- What "nearby" needs: places that can be found by box, and told by name.

-- How a place is told to the instances: they know which cells of their grids it is in, the database need not.
alter table user_locations add column place text generated always as (latitude::text || ',' || longitude::text) stored;
alter table opportunities add column place text generated always as (latitude::text || ',' || longitude::text) stored;

-- A box on the globe is two ranges, of which a btree on (latitude, longitude) narrows the search by the first only: everybody in the same
-- band of latitude is read, around the whole world. These find what is in the box.
create index idx_user_locations_point on user_locations using gist (point(longitude, latitude)) where is_current;
create index idx_opportunities_point on opportunities using gist (point(longitude, latitude));
drop index idx_user_locations_place;
drop index idx_opportunities_place;

select edge_watch('user_locations', 'user_locations', 'place', '{latitude, longitude, user_id, is_current}', visible => 'row.is_current');
select edge_watch('opportunities', 'opportunity_places', 'place', '{closes_at, title, kind, latitude, longitude}', visible => 'row.closes_at > now()');
