--[[
  Replaces the health record and tells readers.

  Input:
    KEYS[1]  token
    KEYS[2]  health
    ARGV[1]  the caller's token
    ARGV[2]  stored bytes of the record
    ARGV[3]  channel
    ARGV[4]  message
  Output: 'Done' | 'Fenced'
]]
if fenced() then
  return 'Fenced'
end
redis.call('SET', KEYS[2], ARGV[2])
redis.call('PUBLISH', ARGV[3], ARGV[4])
return 'Done'
