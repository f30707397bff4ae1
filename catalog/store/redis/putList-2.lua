--[[
  Stores a list if the pages it newly names are there.

  Input:
    KEYS[1]  token
    KEYS[2]  pages
    ARGV[1]  the caller's token
    ARGV[2]  name of the list
    ARGV[3]  its stored bytes
    ARGV[4]… newly named pages, at most 1 000
  Output: 'Done' | 'Fenced' | names of the missing pages
]]
if fenced() then
  return 'Fenced'
end
local missing = lacking(KEYS[2], 4)
if #missing > 0 then
  return missing
end
redis.call('HSET', KEYS[2], ARGV[2], ARGV[3])
return 'Done'
