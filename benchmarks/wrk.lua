-- Requests of one endpoint in turns. After "--": the method, then path and body of each request ("" for no body).
-- Prints one line of JSON behind wrk's own report.

local requests = {}
local turn = 0

function init(arguments)
  local method = arguments[1]
  for index = 2, #arguments, 2 do
    local body = arguments[index + 1]
    if body == "" then
      table.insert(requests, wrk.format(method, arguments[index], {}))
    else
      table.insert(requests, wrk.format(method, arguments[index], { ["Content-Type"] = "application/json" }, body))
    end
  end
end

function request()
  turn = turn % #requests + 1
  return requests[turn]
end

function done(summary, latency, _)
  local errors = summary.errors
  io.write(string.format(
    '{"requests": %d, "seconds": %f, "p50": %f, "p99": %f, "errors": %d}\n',
    summary.requests,
    summary.duration / 1e6,
    latency:percentile(50) / 1e3,
    latency:percentile(99) / 1e3,
    errors.connect + errors.read + errors.write + errors.status + errors.timeout
  ))
end
