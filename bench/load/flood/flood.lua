-- Pages of the catalogue by every limit and category, each asked for once: keys that nobody asks for again, the largest first.
local heads, queue, pages, limit = {}, {}, 0, 50
for slug in ("- " .. os.getenv("FLOOD_CATEGORIES")):gmatch("%S+") do heads[#heads + 1] = slug end
local head = 0
request = function()
    local target = table.remove(queue)
    if not target and limit >= 1 then
        head = head + 1
        if head > #heads then head, limit = 1, limit - 1 end
        target = "/api/products?" .. (heads[head] == "-" and "" or "category=" .. heads[head] .. "&") .. "limit=" .. limit
    end
    return wrk.format("GET", limit >= 1 and target or "/health/live")
end
response = function(status, headers, body)
    if status ~= 200 or not headers["Cache-Status"] then return end
    pages = pages + 1
    local next = headers["Link"] and headers["Link"]:match("<(.-)>")
    if next then queue[#queue + 1] = next end
    -- The only way to tell more than one number to the script: wrk runs this in a state of its own.
    wrk.thread:set("pages", pages)
end
local threads = {}
setup = function(thread) threads[#threads + 1] = thread end
done = function(summary, latency)
    local errors = summary.errors.status + summary.errors.connect + summary.errors.read + summary.errors.write + summary.errors.timeout
    io.write(string.format("RESULT %d %.0f %d %.1f %.0f\n", threads[1]:get("pages"), summary.requests / (summary.duration / 1e6), errors, latency:percentile(99) / 1000, latency.max / 1000))
end
