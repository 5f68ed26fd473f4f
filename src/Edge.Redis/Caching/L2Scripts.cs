namespace Edge.Redis.Caching;

/// <summary>
/// What runs inside of Redis; the keys and what stands in them are told at <see cref="RedisSecondLevel"/>. KEYS[1] is always the hash of
/// generations, KEYS[2] the key's entry; other names are made of these two, and lie in the same slot. The only thing that is not the same
/// on a second run is the clock, and Redis replicates what a script did, not the script.
/// <para>Lua has one kind of number, a double that prints 14 digits: whatever may be larger stays text or goes through "%.0f".</para>
/// </summary>
static class L2Scripts
{
    // Who asks gives a random number; the clock makes it another one each time that this instance finds no epoch.
    const string Epoch = """
        local function new_epoch(seed)
          local time = redis.call('TIME')
          local epoch = seed .. '-' .. time[1] .. '-' .. time[2]
          redis.call('HSET', KEYS[1], 'e', epoch)
          return epoch
        end

        """;

    const string Now = """
        local function now_ms()
          local time = redis.call('TIME')
          return time[1] * 1000 + math.floor(time[2] / 1000)
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

    // ARGV: seed, token ('': no lease wanted), leaseMs, freshForMs, place …
    // Answers {{epoch, version, generation …}, lease, waitMs, isSuspect, ageMs, freshMs, entry or nil}.
    public static readonly RedisScript Fetch = new(Epoch + Now + """
        local found = redis.call('HMGET', KEYS[1], 'e', 'v', unpack(ARGV, 5))
        for i = 2, #found do found[i] = found[i] or '0' end
        if not found[1] or found[1] == '' then found[1] = new_epoch(ARGV[1]) end
        local stand = table.concat(found, ',', 3)

        -- Whether an entry stored at these generations may be used, and whether it is suspect.
        local function compare(at)
          if at == stand then return true, 0 end
          local i, suspect = 2, 0
          for generation in string.gmatch(at, '%d+') do
            i = i + 1
            if generation ~= found[i] then
              if i > #found or ARGV[i + 2] % 2 == 0 then return false end
              suspect = 1
            end
          end
          return i == #found, suspect
        end

        -- The entry with its trailer's times, or nil. One byte more than the trailer is asked for, as GETRANGE of 0 to -1 - length answers
        -- one byte and not none: a tail that is shorter than asked for is all there is.
        local function read()
          local asked = 256
          local tail = redis.pcall('GETRANGE', KEYS[2], -asked, -1)
          local length = type(tail) == 'string' and tonumber(string.match(tail, '%d%d%d%d%d%d$'))
          if not length then return end
          length = length + 6
          if length >= asked then
            asked = length + 1
            tail = redis.call('GETRANGE', KEYS[2], -asked, -1)
          end
          if #tail < length then return end
          local epoch, places, at, loaded, fresh = string.match(tail, '^(%S+) (%S*) (%S*) (%d+) (%-?%d+)%d%d%d%d%d%d$', -length)
          if not fresh or #loaded > 18 or #fresh > 18 then return end
          if epoch ~= found[1] or places ~= table.concat(ARGV, ',', 5) then return end
          local usable, suspect = compare(at)
          if not usable then return end
          local body = #tail < asked and string.sub(tail, 1, -length - 1) or redis.call('GETRANGE', KEYS[2], 0, -length - 1)
          local now = now_ms()
          return body, suspect, math.max(0, now - loaded), fresh - now
        end

        local entry, suspect, age, fresh = read()
        local granted, wait = 0, 0
        if ARGV[2] ~= '' and (not entry or suspect == 1 or fresh <= tonumber(ARGV[4])) then
        """ + "\n" + Names + """
          if redis.call('SET', lease, ARGV[2], 'NX', 'PX', ARGV[3]) then
            granted = 1
          else
            wait = redis.call('PTTL', lease) + 1
            if wait > 0 then
              granted = 2
              redis.call('SET', waited, '', 'PX', wait)
            else
              -- A lease that never ends is none of ours.
              granted, wait = 1, 0
              redis.call('SET', lease, ARGV[2], 'PX', ARGV[3])
            end
          end
        end
        return {found, granted, wait, suspect or 0, age or 0, fresh or 0, entry or false}
        """);

    // ARGV: token ('': none), epoch, bytes, ageMs, freshMs, keepMs, place …, generation …
    // Answers 0 stored, 1 outdated, 2 lease lost.
    public static readonly RedisScript Store = new(Names + GiveBack + Now + """
        local count = (#ARGV - 6) / 2
        local found = redis.call('HMGET', KEYS[1], 'e', unpack(ARGV, 7, 6 + count))
        for i = 2, #found do found[i] = found[i] or '0' end
        local at = table.concat(ARGV, ',', 7 + count)
        local held = ARGV[1] ~= '' and redis.pcall('GET', lease) == ARGV[1]

        local outcome = 0
        if found[1] ~= ARGV[2] or table.concat(found, ',', 2) ~= at then
          outcome = 1
        elseif ARGV[1] ~= '' and not held then
          outcome = 2
        else
          local now = now_ms()
          local trailer = ARGV[2] .. ' ' .. table.concat(ARGV, ',', 7, 6 + count) .. ' ' .. at
            .. string.format(' %.0f %.0f', math.max(0, now - ARGV[4]), now + ARGV[5])
          redis.call('SET', KEYS[2], ARGV[3] .. trailer .. string.format('%06d', #trailer), 'PX', ARGV[6])
        end
        if held then give_back() end
        return outcome
        """);

    // ARGV: token. Answers 1, or 0 where the lease is not held.
    public static readonly RedisScript Release = new(Names + GiveBack + """
        if redis.pcall('GET', lease) ~= ARGV[1] then return 0 end
        give_back()
        return 1
        """);

    // ARGV: seed, change ('': always moves), place … Answers {epoch, version, {generation …}}.
    // The change is noted last, and the version moves first: should a place hold what is no number, a second report moves the rest, and
    // who listens sees by the version that something was missed.
    public static readonly RedisScript Invalidate = new(Epoch + """
        local tag = string.sub(KEYS[1], 1, -2)
        local change = tag .. 'c:' .. ARGV[2]
        local epoch = redis.call('HGET', KEYS[1], 'e')
        if not epoch or epoch == '' then epoch = new_epoch(ARGV[1]) end
        local moves = ARGV[2] == '' or redis.call('EXISTS', change) == 0
        if moves then
          redis.call('HINCRBY', KEYS[1], 'v', 1)
          for i = 3, #ARGV do redis.call('HINCRBY', KEYS[1], ARGV[i], 1) end
        end

        local at = {}
        for i = 3, #ARGV do at[i - 2] = redis.call('HGET', KEYS[1], ARGV[i]) or '0' end
        local version = redis.call('HGET', KEYS[1], 'v') or '0'
        if moves then
          if ARGV[2] ~= '' then redis.call('SET', change, '', 'PX', 60000) end
          local places = table.concat(ARGV, ',', 3)
          redis.call('PUBLISH', tag .. 'n', '1I' .. epoch .. ' ' .. version .. ' ' .. places .. ' ' .. table.concat(at, ','))
        end
        return {epoch, version, at}
        """);

    // ARGV: seed. Answers the whole hash: name, value, name, value …
    public static readonly RedisScript ReadGenerations = new(Epoch + """
        local epoch = redis.call('HGET', KEYS[1], 'e')
        if not epoch or epoch == '' then new_epoch(ARGV[1]) end
        return redis.call('HGETALL', KEYS[1])
        """);
}
