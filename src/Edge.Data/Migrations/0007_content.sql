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
