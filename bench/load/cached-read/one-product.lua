-- One address, as a client with a kept connection sends it.
request = function() return wrk.format("GET", "/api/products/1") end
done = function(summary, latency)
    local errors = summary.errors.status + summary.errors.connect + summary.errors.read + summary.errors.write + summary.errors.timeout
    io.write(string.format("RESULT %.0f %.2f %d %d\n", summary.requests / (summary.duration / 1e6), latency:percentile(99) / 1000, errors, summary.requests))
end
