-- Logins with the right password, each after the answer to the one before. With WAIT=1 whoever is refused waits for Retry-After, as a client should.
local body = '{"email":"flood@example.com","password":"grows tomatoes on the roof"}'
local polite = os.getenv("WAIT") == "1"
local pause = 0
request = function() return wrk.format("POST", "/auth/login", { ["Content-Type"] = "application/json" }, body) end
response = function(status, headers) pause = polite and status == 503 and 1000 * tonumber(headers["Retry-After"]) or 0 end
delay = function()
    local now = pause
    pause = 0
    return now
end
done = function(summary, latency)
    io.write(string.format("RESULT %d %d\n", summary.requests - summary.errors.status, summary.errors.status))
end
