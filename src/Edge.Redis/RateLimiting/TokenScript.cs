using Edge.Core.RateLimiting;

namespace Edge.Redis.RateLimiting;

/// <summary>
/// What <see cref="TokenGrant.Of"/> does, inside of Redis. KEYS[1] is the bucket, the only key that it touches. ARGV: needed, wanted, lifeNs, spent,
/// intervalNs, fullNs. Answers {granted, aheadNs}. The numbers are those of <see cref="ITokenStore.Take"/>.
///
/// <para><b>Exact, in a language whose only number is a double.</b> Whole numbers are exact in it up to 2⁵³, which in nanoseconds is 104 days: too
/// little for a time of day (2⁶⁰), enough for everything that is counted from now. So times of day are whole microseconds (2⁵¹ until 2041, as
/// TIME gives them) beside up to 999 ns, and the sums are over distances from now, which are at most twice <see cref="RateLimit.MaxFullSeconds"/>,
/// 60 days: what is found is at most a bucket, and so is what is added (what makes no sense may be rounded, and is an empty bucket all the same). Quotients are made whole by fmod, which does not round. Thus
/// nothing is ever rounded, and the answers are the model's to the nanosecond; RedisTokenStoreTests compares them.</para>
/// </summary>
static class TokenScript
{
    // GET may find what somebody else wrote: text, or another type (pcall). That is no bucket, and SET replaces it.
    //
    // PX is from the millisecond in which the script began, which may be up to one before now: hence one more. A bucket that is forgotten before
    // it is full would be full too soon.
    public static readonly RedisScript Take = new("""
        local call, floor, fmod = redis.call, math.floor, math.fmod
        local needed, wanted, life = tonumber(ARGV[1]), tonumber(ARGV[2]), tonumber(ARGV[3])
        local interval, full = tonumber(ARGV[5]), tonumber(ARGV[6])
        local time = call('TIME')
        local now = time[1] * 1000000 + time[2]

        local found, before = redis.pcall('GET', KEYS[1]), 0
        if type(found) == 'string' and #found < 20 then
          local us, ns = string.match(found, '^(%d+)(%d%d%d)$')
          if us then before = math.max(0, (us - now) * 1000 + ns) end
        end
        -- 1. Never further ahead than empty: the clock may have stepped back, or the bucket have been a larger one.
        local ahead = math.min(full, before + interval * ARGV[4])
        -- 2
        local left = math.max(0, full - life - ahead)
        local lasting = (left - fmod(left, interval)) / interval
        local granted
        if lasting >= needed then
          granted = math.min(wanted, math.max(needed, floor((lasting + 3) / 4)))
        elseif full - ahead >= interval * needed then
          -- 3
          granted = needed
        else
          -- 4
          granted = 0
        end

        ahead = ahead + interval * granted
        if ahead ~= before then
          local ns = fmod(ahead, 1000)
          call('SET', KEYS[1], string.format('%.0f%03.0f', now + (ahead - ns) / 1000, ns), 'PX', floor(ahead / 1000000) + 2)
        end
        return {granted, ahead}
        """, "limits.take");
}
