--[[
  Stands before every other script (scripts.ts puts it there).

  fenced(): whether a token higher than the caller's has been seen; if not, the caller's has been from now on.
    KEYS[1]  highest token seen
    ARGV[1]  the caller's token
]]
local function fenced()
  local seen = redis.call('GET', KEYS[1])
  if seen then
    if not string.find(seen, '^%d+$') then
      error('MALFORMED token in ' .. KEYS[1])
    end
    if tonumber(seen) > tonumber(ARGV[1]) then
      return true
    end
  end
  if seen ~= ARGV[1] then
    redis.call('SET', KEYS[1], ARGV[1])
  end
  return false
end

-- Those of ARGV[first] and the following names that are not in the hash `pages`.
local function lacking(pages, first)
  local missing = {}
  for at = first, #ARGV do
    if redis.call('HEXISTS', pages, ARGV[at]) == 0 then
      missing[#missing + 1] = ARGV[at]
    end
  end
  return missing
end
