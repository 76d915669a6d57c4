-- Calls itself without end; the interpreter raises "stack overflow", at line 3.
local function depth(level)
  return 1 + depth(level + 1)
end

print(depth(1))
