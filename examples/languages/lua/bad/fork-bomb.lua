-- Starts processes without end, and none ends; it exits when the kernel refuses one.
local children = {}
while true do
  local child, problem = io.popen("sleep 1000")
  if not child then
    io.stderr:write(problem, "\n")
    os.exit(1) -- An error would close the pipes, and that waits for the children.
  end
  children[#children + 1] = child
end
