-- Products as shops see them: the k-th most popular is asked for k^-0.9 as often as the first. Another seed for each run.
local products, exponent = 20000, 0.9
local upTo, sum = {}, 0
for k = 1, products do
    sum = sum + k ^ -exponent
    upTo[k] = sum
end
math.randomseed(tonumber(os.getenv("ZIPF_SEED") or "42"))
request = function()
    local wanted, low, high = math.random() * sum, 1, products
    while low < high do
        local middle = math.floor((low + high) / 2)
        if upTo[middle] < wanted then low = middle + 1 else high = middle end
    end
    -- Popular ones are spread over the table.
    return wrk.format("GET", "/api/products/" .. (low * 7919) % products + 1)
end
done = function(summary, latency)
    local errors = summary.errors.status + summary.errors.connect + summary.errors.read + summary.errors.write + summary.errors.timeout
    io.write(string.format("RESULT %.0f %.2f %d %d\n", summary.requests / (summary.duration / 1e6), latency:percentile(99) / 1000, errors, summary.requests))
end
