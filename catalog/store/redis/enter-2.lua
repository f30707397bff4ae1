--[[
  Enters a slot into the index.

  Input:
    KEYS[1]  token of the index
    KEYS[2]  index
    ARGV[1]  the caller's token
    ARGV[2]  slot
  Output: 'Done' | 'Fenced'
]]
if fenced() then
  return 'Fenced'
end
redis.call('SADD', KEYS[2], ARGV[2])
return 'Done'
