-- wrk script: a random line of the file given as argument for each request, "<path> <client address>".
local requests = {}

function init(args)
  math.randomseed(7)
  for line in io.lines(args[1]) do
    local path, client = line:match("^(%S+) (%S+)$")
    requests[#requests + 1] = wrk.format("GET", path, { ["X-Forwarded-For"] = client })
  end
end

function request()
  return requests[math.random(#requests)]
end
