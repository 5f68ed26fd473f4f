-- The same ids in the same order for every server: the seed is fixed.
math.randomseed(42)
request = function() return wrk.format("GET", "/api/products/" .. math.random(1, 20000)) end
done = function(summary, latency)
    local errors = summary.errors.status + summary.errors.connect + summary.errors.read + summary.errors.write + summary.errors.timeout
    io.write(string.format("RESULT %.0f %.2f %d\n", summary.requests / (summary.duration / 1e6), latency:percentile(99) / 1000, errors))
end
