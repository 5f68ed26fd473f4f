-- What posts, stories and opportunities need to be written.

-- The address that a title suggests: its letters without their marks, the rest as single hyphens, at most 100 characters, cut between words
-- where there are any. Here and not in the service: its binary carries no Unicode tables.
create function edge_slug(title text) returns text language plpgsql immutable parallel safe as $$
declare
    slug text := title;
begin
    -- Letters that Unicode does not take apart.
    slug := translate(slug, 'ØøĐđÐðŁłĦħŦŧıʼ’''', 'ooddddllhhtti');
    slug := replace(replace(replace(replace(slug, 'ß', 'ss'), 'ẞ', 'ss'), 'æ', 'ae'), 'Æ', 'ae');
    slug := replace(replace(replace(replace(slug, 'œ', 'oe'), 'Œ', 'oe'), 'þ', 'th'), 'Þ', 'th');
    slug := lower(regexp_replace(normalize(slug, nfkd), '[\u0300-\u036f]', '', 'g'));
    slug := trim(both '-' from regexp_replace(slug, '[^a-z0-9]+', '-', 'g'));
    if length(slug) > 100 then
        slug := trim(both '-' from left(regexp_replace(left(slug, 101), '-[^-]*$', ''), 100));
    end if;
    return coalesce(nullif(slug, ''), 'post');
end $$;

-- Stories all live for 24 hours: by the order of their ends they are found, sorted and cleared away.
create index idx_stories_end on stories (expires_at desc, id desc);
drop index idx_stories_expires_at;

-- That a story or an opportunity ends by itself is in the answers that show it, and so is no news; nor is what ended long ago.
select edge_watch('stories', 'stories', 'id', '{expires_at, author_id, created_at, content}', visible => 'row.expires_at > now()');
select edge_watch('opportunities', 'opportunities', 'id', '{updated_at, closes_at, title, kind, tags, latitude, longitude, author_id, created_at, description}',
    visible => 'row.closes_at > now()');
