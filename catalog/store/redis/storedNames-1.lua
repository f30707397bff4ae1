--[[
  Names of stored pages, a slice at a time; HSCAN alone would send the pages with them.

  Input:
    KEYS[1]  pages
    ARGV[1]  cursor, '0' at the start
    ARGV[2]  about how many
  Output: next cursor ('0' at the end), then names; a name may come twice
]]
local reply = redis.call('HSCAN', KEYS[1], ARGV[1], 'COUNT', ARGV[2])
local names = { reply[1] }
for at = 1, #reply[2], 2 do
  names[#names + 1] = reply[2][at]
end
return names
