-- Requests that come whether or not the ones before are answered, as far as connections go: each waits for a random time before it asks. RATE asked for
-- per second, by CONNECTIONS; 0: as fast as answers come. GET TARGET, in which %d is a random number up to 20000 and %s a word.
local target = os.getenv("TARGET")
local words = { "lamp", "coffee", "garden", "steel", "cotton", "table", "light", "kitchen", "travel", "winter", "oak", "medium", "small", "set", "outdoor", "green" }
local meanMs = tonumber(os.getenv("RATE")) > 0 and 1000 * tonumber(os.getenv("CONNECTIONS")) / tonumber(os.getenv("RATE")) or 0
local isFirst = {}
function setup(thread) table.insert(isFirst, thread) end
function init() math.randomseed(tonumber(os.getenv("SEED") or "42")) ok, shed, other = 0, 0, 0 end
request = function() return wrk.format("GET", (target:gsub("%%d", function() return math.random(1, 20000) end):gsub("%%s", function() return words[math.random(#words)] end))) end
response = function(status) if status == 200 then ok = ok + 1 elseif status == 503 then shed = shed + 1 else other = other + 1 end end
if meanMs > 0 then delay = function() return math.floor(-math.log(1 - math.random()) * meanMs + math.random()) end end
done = function(summary, latency)
    local ok, shed, other = 0, 0, 0
    for _, thread in ipairs(isFirst) do ok, shed, other = ok + thread:get("ok"), shed + thread:get("shed"), other + thread:get("other") end
    local seconds, within = summary.duration / 1e6, 99.9
    while within > 0 and latency:percentile(within) > 1e6 do within = within - 0.1 end
    io.write(string.format("RESULT %.1f %.1f %d %.1f %.1f %.1f\n", ok / seconds, shed / seconds, other + summary.errors.connect + summary.errors.read + summary.errors.write,
        within, latency:percentile(99) / 1000, latency.max / 1000))
end
