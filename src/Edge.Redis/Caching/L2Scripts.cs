namespace Edge.Redis.Caching;

/// <summary>
/// What runs inside of Redis; the keys and what stands in them are told at <see cref="RedisSecondLevel"/>. KEYS[1] is always the string of
/// generations, KEYS[2] the key's entry; other names are made of these two, and lie in the same slot. The only thing that is not the same
/// on a second run is the clock, and Redis replicates what a script did, not the script. BITFIELD counts as a write whatever it does, so that
/// a replica and a full memory refuse all of them but Release: that is relied on, and why it is not BITFIELD_RO where it could be.
/// <para>Lua has one kind of number, a double that prints 14 digits: whatever may be larger stays text or goes through "%.0f".</para>
/// </summary>
static class L2Scripts
{
    // The time of its making, which no other epoch of this store has. What is no such number was not written here.
    const string Epoch = """
        local function checked(epoch, version)
          if epoch > 0 and epoch < 9007199254740992 then return epoch, version end
          local time = redis.call('TIME')
          epoch = time[1] * 1000000 + time[2]
          redis.call('BITFIELD', KEYS[1], 'SET', 'u63', 1, epoch, 'SET', 'u63', 65, 0)
          return epoch, 0
        end

        """;

    const string Another = """
        local function another()
          redis.call('DEL', KEYS[1])
          return checked(0, 0)
        end

        """;

    const string Names = """
        local tag, key = string.sub(KEYS[1], 1, -2), string.sub(KEYS[2], #KEYS[1] + 2)
        local lease, waited = tag .. 'l:' .. key, tag .. 'w:' .. key

        """;

    const string GiveBack = """
        local function give_back()
          redis.call('DEL', lease)
          if redis.call('DEL', waited) == 1 then redis.call('PUBLISH', tag .. 'n', '1F' .. key) end
        end

        """;

    // ARGV: token ('': no lease wanted), leaseMs, freshForMs, place …
    // Answers {{epoch, version, generation …}, lease, waitMs, isSuspect, ageMs, freshMs, entry or nil}.
    // The hot one: no function that need not be called, no pattern that has to search (measured in bench/load/l2).
    public static readonly RedisScript Fetch = new(Epoch + """
        local call, concat, sub = redis.call, table.concat, string.sub
        local query, last = {'BITFIELD', KEYS[1], 'GET', 'u63', 1, 'GET', 'u63', 65}, 8
        for i = 4, #ARGV do
          query[last + 1], query[last + 2], query[last + 3] = 'GET', 'u32', ARGV[i] * 32 + 128
          last = last + 3
        end
        local found = call(unpack(query))
        found[1], found[2] = checked(found[1], found[2])
        local stand = concat(found, ',', 3)

        -- The trailer fits into this tail, mostly. Where it does not, one byte more than it is asked for: a tail shorter than asked for is
        -- all there is, and GETRANGE from 0 to before the first byte answers one byte, not none.
        local asked = 192
        local tail = redis.pcall('GETRANGE', KEYS[2], -asked, -1)
        local length = type(tail) == 'string' and tonumber(string.match(sub(tail, -6), '^%d%d%d%d%d%d$'))
        local epoch, places, at, loaded, till
        if length then
          length = length + 6
          if length >= asked then
            asked = length + 1
            tail = call('GETRANGE', KEYS[2], -asked, -1)
          end
          if #tail >= length then
            epoch, places, at, loaded, till = string.match(sub(tail, -length, -7), '^(%S+) (%S*) (%S*) (%d+) (%-?%d+)$')
          end
        end

        local usable, suspect = tonumber(epoch) == found[1] and places == concat(ARGV, ',', 4) and #loaded < 18 and #till < 18, 0
        if usable and at ~= stand then
          local i = 2
          for generation in string.gmatch(at, '%d+') do
            i = i + 1
            if tonumber(generation) ~= found[i] then
              suspect = 1
              usable = usable and i <= #found and ARGV[i + 1] % 2 == 1
            end
          end
          usable = usable and i == #found
        end

        local entry, age, fresh = false, 0, 0
        if usable then
          local time = call('TIME')
          local now = time[1] * 1000 + math.floor(time[2] / 1000)
          entry = #tail < asked and sub(tail, 1, -length - 1) or call('GETRANGE', KEYS[2], 0, -length - 1)
          age, fresh = math.max(0, now - loaded), till - now
        else
          suspect = 0
        end

        local granted, wait = 0, 0
        if ARGV[1] ~= '' and (not entry or suspect == 1 or fresh <= tonumber(ARGV[3])) then
        """ + "\n" + Names + """
          if call('SET', lease, ARGV[1], 'NX', 'PX', ARGV[2]) then
            granted = 1
          else
            wait = call('PTTL', lease) + 1
            if wait > 0 then
              granted = 2
              call('SET', waited, '', 'PX', wait)
            else
              -- A lease that never ends is none of ours.
              granted = 1
              call('SET', lease, ARGV[1], 'PX', ARGV[2])
            end
          end
        end
        return {found, granted, wait, suspect, age, fresh, entry}
        """, "cache.fetch");

    // ARGV: token ('': none), epoch, bytes, ageMs, freshMs, keepMs, place …, generation …
    // Answers 0 stored, 1 outdated, 2 lease lost.
    public static readonly RedisScript Store = new(Names + GiveBack + """
        local count = (#ARGV - 6) / 2
        local query = {'BITFIELD', KEYS[1], 'GET', 'u63', 1}
        for i = 7, 6 + count do
          table.insert(query, 'GET')
          table.insert(query, 'u32')
          table.insert(query, ARGV[i] * 32 + 128)
        end
        local found = redis.call(unpack(query))
        local at = table.concat(ARGV, ',', 7 + count)
        local held = ARGV[1] ~= '' and redis.pcall('GET', lease) == ARGV[1]

        local outcome = 0
        if found[1] ~= tonumber(ARGV[2]) or table.concat(found, ',', 2) ~= at then
          outcome = 1
        elseif ARGV[1] ~= '' and not held then
          outcome = 2
        else
          local time = redis.call('TIME')
          local now = time[1] * 1000 + math.floor(time[2] / 1000)
          local trailer = ARGV[2] .. ' ' .. table.concat(ARGV, ',', 7, 6 + count) .. ' ' .. at
            .. string.format(' %.0f %.0f', math.max(0, now - ARGV[4]), now + ARGV[5])
          redis.call('SET', KEYS[2], ARGV[3] .. trailer .. string.format('%06d', #trailer), 'PX', ARGV[6])
        end
        if held then give_back() end
        return outcome
        """, "cache.store");

    // ARGV: token. Answers 1, or 0 where the lease is not held.
    public static readonly RedisScript Release = new(Names + GiveBack + """
        if redis.pcall('GET', lease) ~= ARGV[1] then return 0 end
        give_back()
        return 1
        """, "cache.release");

    // ARGV: change ('': always moves), place … Answers {epoch, version, {generation …}, 1 if it was a repeat}.
    public static readonly RedisScript Invalidate = new(Epoch + Another + """
        local tag = string.sub(KEYS[1], 1, -2)
        local change = tag .. 'c:' .. ARGV[1]
        local header = redis.call('BITFIELD', KEYS[1], 'GET', 'u63', 1, 'GET', 'u63', 65)
        local epoch, version = checked(header[1], header[2])
        local moves = ARGV[1] == '' or redis.call('EXISTS', change) == 0
        local function move()
          version = redis.call('BITFIELD', KEYS[1], 'INCRBY', 'u63', 65, 1)[1]
          for i = 2, #ARGV do
            if not redis.call('BITFIELD', KEYS[1], 'OVERFLOW', 'FAIL', 'INCRBY', 'u32', ARGV[i] * 32 + 128, 1)[1] then return false end
          end
          return true
        end
        if moves and not move() then
          -- A place at its last number: it must not begin anew in the same epoch.
          epoch, version = another()
          move()
        end

        -- Read when all have moved: a place may be named twice.
        local at = {}
        for i = 2, #ARGV do at[i - 1] = redis.call('BITFIELD', KEYS[1], 'GET', 'u32', ARGV[i] * 32 + 128)[1] end
        if moves then
          if ARGV[1] ~= '' then redis.call('SET', change, '', 'PX', 60000) end
          local news = {string.format('1I%.0f', epoch), string.format('%.0f', version), table.concat(ARGV, ',', 2), table.concat(at, ',')}
          if ARGV[1] ~= '' then news[5] = ARGV[1] end
          redis.call('PUBLISH', tag .. 'n', table.concat(news, ' '))
        end
        return {epoch, version, at, moves and 0 or 1}
        """, "cache.invalidate");

    // ARGV: the epoch to end ('': none). Answers {epoch, version, four bytes for each place}.
    public static readonly RedisScript ReadGenerations = new(Epoch + Another + """
        local header = redis.call('BITFIELD', KEYS[1], 'GET', 'u63', 1, 'GET', 'u63', 65)
        local epoch, version = checked(header[1], header[2])
        if epoch == tonumber(ARGV[1]) then
          epoch, version = another()
          redis.call('PUBLISH', string.sub(KEYS[1], 1, -2) .. 'n', string.format('1I%.0f 0  ', epoch))
        end
        return {epoch, version, redis.call('GETRANGE', KEYS[1], 16, -1)}
        """, "cache.read_generations");
}
