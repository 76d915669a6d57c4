-- Takes 16 MiB after 16 MiB and writes on all of it; "not enough memory" ends it where memory is refused.
local blocks = {}
while true do
  blocks[#blocks + 1] = ("x"):rep(16 << 20)
end
