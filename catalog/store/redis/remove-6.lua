--[[
  Deletes all of a slot but its token, so that an older writer stays refused, and tells readers.

  Input:
    KEYS[1]  token
    KEYS[2]… pages, manifest, revision, health, missing
    ARGV[1]  the caller's token
    ARGV[2]  channel
    ARGV[3]  message
  Output: 'Done' | 'Fenced'
]]
if fenced() then
  return 'Fenced'
end
redis.call('UNLINK', unpack(KEYS, 2))
redis.call('PUBLISH', ARGV[2], ARGV[3])
return 'Done'
