-- What wrk asks for. Arguments: MODE BYTES RANGE ETAG SALT, "-" for none; the modes are those of Scenario, and "scan". By HTTP/2 it is h2load that asks.
-- Or "fill", then BYTES, COUNT and FIRST: each of that many resources, one after the other.
-- Or "any", then BYTES and COUNT: any of them, all equally likely.
local RESOURCES, EXPONENT, DEPTH = 100000, 0.9, 16
local threads = 0

function setup(thread)
    thread:set("id", threads)
    threads = threads + 1
end

-- Half of the mix has 1 KiB, three tenths 4 KiB, three twentieths 16 KiB, the rest 64 KiB: whatever the popularity.
local function sized(i)
    local of = (i * 7919) % 20
    if of < 10 then return 1024 elseif of < 16 then return 4096 elseif of < 19 then return 16384 end
    return 65536
end

local function path(i)
    return "/mix/" .. sized(i) .. "/" .. i
end

local function rank_of(cumulative, value)
    local low, high = 1, RESOURCES
    while low < high do
        local middle = math.floor((low + high) / 2)
        if cumulative[middle] < value then low = middle + 1 else high = middle end
    end
    return low
end

function init(args)
    local mode, bytes, range, etag, salt = args[1], args[2], args[3], args[4], args[5]
    if mode == "ranges" then wrk.headers["Range"] = range end
    if mode == "closing" then wrk.headers["Connection"] = "close" end
    if mode == "not-modified" then wrk.headers["If-None-Match"] = etag end
    -- Without a function of that name wrk sends the same request again and again, which costs it the least.
    if mode == "pipelined" then
        local many = string.rep(wrk.format(), DEPTH)
        request = function() return many end
    elseif mode == "misses" then
        local n = 0
        local prefix = "/miss/" .. bytes .. "/" .. salt .. "-" .. id .. "-"
        request = function()
            n = n + 1
            return wrk.format(nil, prefix .. n)
        end
    elseif mode == "fill" then
        local count, i = tonumber(args[3]), tonumber(args[4]) + id - 2
        local prefix = "/any/" .. bytes .. "/"
        request = function()
            i = i + 2
            return wrk.format(nil, prefix .. (i % count))
        end
    elseif mode == "any" then
        local count = tonumber(args[3])
        local prefix = "/any/" .. bytes .. "/"
        math.randomseed(id + 1)
        request = function() return wrk.format(nil, prefix .. math.random(0, count - 1)) end
    elseif mode == "scan" then
        -- Two threads: each takes every other one, and begins anew at the end.
        local i = id - 2
        request = function()
            i = i + 2
            if i >= RESOURCES then i = id end
            return wrk.format(nil, path(i))
        end
    elseif mode == "zipf" then
        math.randomseed(id + 1)
        local cumulative, sum = {}, 0
        for r = 1, RESOURCES do
            sum = sum + r ^ -EXPONENT
            cumulative[r] = sum
        end
        request = function() return wrk.format(nil, path(rank_of(cumulative, math.random() * sum) - 1)) end
    end
end

function done(summary, latency, requests)
    local e = summary.errors
    print(string.format("LASTREF-RESULT %d %d %d %d %d %d %d", summary.requests, summary.duration, summary.bytes,
        e.connect + e.read + e.write + e.status + e.timeout,
        latency:percentile(50), latency:percentile(99), latency:percentile(99.9)))
end
