--[[
  Claims the index or a slot for a token.

  Input:
    KEYS[1]  token
    ARGV[1]  the caller's token
  Output: 'Done' | 'Fenced'
]]
if fenced() then
  return 'Fenced'
end
return 'Done'
