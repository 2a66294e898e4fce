-- Sales for wrk: every one under a key of its own, phone numbers in turn, vendors in turn.
-- TOKENS holds the vendors' tokens, separated by commas; KEY_PREFIX is what the books know the load by.
local threads = 0

function setup(thread)
  thread:set("thread_number", threads)
  threads = threads + 1
end

function init()
  tokens = {}
  for token in string.gmatch(os.getenv("TOKENS"), "[^,]+") do tokens[#tokens + 1] = token end
  prefix = os.getenv("KEY_PREFIX")
  sent = 0
end

function request()
  sent = sent + 1
  local n = thread_number * 1000000000 + sent
  local headers = {
    ["Authorization"] = "Token " .. tokens[n % #tokens + 1],
    ["Content-Type"] = "application/json",
    ["Accept"] = "application/json",
    ["Idempotency-Key"] = string.format("%s.%d", prefix, n),
  }
  local body = string.format('{"phone_number":"+98912%07d","amount":1.50}', (n * 7919) % 10000000)
  return wrk.format("POST", "/api/charges/sell/", headers, body)
end

-- No response(): it would make wrk itself slower.
function done(summary, latency)
  local e = summary.errors
  io.write(string.format(
    'RESULT {"requests":%d,"seconds":%.3f,"refused":%d,"broken":%d,"mean":%.3f,"p50":%.3f,"p95":%.3f,"p99":%.3f,"max":%.3f}\n',
    summary.requests, summary.duration / 1e6, e.status, e.connect + e.read + e.write + e.timeout,
    latency.mean / 1e3, latency:percentile(50) / 1e3, latency:percentile(95) / 1e3, latency:percentile(99) / 1e3,
    latency.max / 1e3))
end
