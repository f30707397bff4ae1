--[[
  Deletes pages while the revision from which they were found to be orphans is still the published one.

  Input:
    KEYS[1]  token
    KEYS[2]  pages
    KEYS[3]  revision
    ARGV[1]  the caller's token
    ARGV[2]  revision
    ARGV[3]… names, at most 1 000
  Output: 'Done' | 'Fenced' | 'Outrun'
]]
if fenced() then
  return 'Fenced'
end
if redis.call('GET', KEYS[3]) ~= ARGV[2] then
  return 'Outrun'
end
if #ARGV > 2 then
  redis.call('HDEL', KEYS[2], unpack(ARGV, 3))
end
return 'Done'
