-- What the request gives to the program: its parameters, its data, and where the workspace is.

local json = ...

local path = os.getenv("GLOVEBOX_INPUT")
local file = path and io.open(path, "rb")
if not file then
  return { parameters = {}, workspace = os.getenv("WORKSPACE") or "/workspace" }
end
local input = json.decode(file:read("a"))
file:close()
return input
