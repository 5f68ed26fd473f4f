-- The end of a session, and what a session shows of its user, reach every instance as all changes do.
select edge_watch('sessions', 'sessions', 'token_hash', '{revoked_at, expires_at, user_id}', events => 'update or delete');
select edge_watch('users', 'accounts', 'id', '{role, username}', events => 'update');
