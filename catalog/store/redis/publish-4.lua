--[[
  Makes a manifest the published one if its lists are there, and tells readers.

  Input:
    KEYS[1]  token
    KEYS[2]  pages
    KEYS[3]  manifest
    KEYS[4]  revision
    ARGV[1]  the caller's token
    ARGV[2]  stored bytes of the manifest
    ARGV[3]  its revision
    ARGV[4]  channel
    ARGV[5]  message
    ARGV[6]… names of lists, at most 1 000
  Output: 'Done' | 'Fenced' | names of the missing lists
]]
if fenced() then
  return 'Fenced'
end
local missing = lacking(KEYS[2], 6)
if #missing > 0 then
  return missing
end
redis.call('SET', KEYS[3], ARGV[2])
redis.call('SET', KEYS[4], ARGV[3])
redis.call('PUBLISH', ARGV[4], ARGV[5])
return 'Done'
