--[[
  Stores pages, over damaged ones too.

  Input:
    KEYS[1]  token
    KEYS[2]  pages
    ARGV[1]  the caller's token
    ARGV[2]… name, stored bytes, name, stored bytes: at most 1 000 pages
  Output: 'Done' | 'Fenced'
]]
if fenced() then
  return 'Fenced'
end
redis.call('HSET', KEYS[2], unpack(ARGV, 2))
return 'Done'
