-- Gives a program its helpers. The command line runs this file as a chunk of its own, before the program's.

local folder = debug.getinfo(1, "S").source:match("^@(.*/)")

-- What the helpers use stays what it is when the program writes over a global such as `table`.
local environment = {}
for name, value in pairs(_G) do
  environment[name] = value
end

-- Not by `require`: nothing of this folder is to stand in package.loaded. A traceback names the helpers as it names the
-- functions of Lua's own library.
local function part(name, ...)
  local file = assert(io.open(folder .. name .. ".lua"))
  local chunk = assert(load(file:read("a"), "=[C]", "t", environment))
  file:close()
  return chunk(...)
end

local json = part("json")
local values = part("values", json)
local input = part("input", json)
local channel = part("channel", json)
local files = part("files", json, values)

for name, helper in pairs(part("helpers", channel, files, values, input.workspace)) do
  _G[name] = helper
end
parameters, input_data, null = input.parameters, input.data, json.null

-- The C library would write whole blocks. What a program prints is seen while it runs, and is there when it is stopped.
io.stdout:setvbuf("line")

-- As if the interpreter had been given nothing but the program: -e and its chunk are not of its arguments.
arg[-1], arg[-2], arg[-3] = arg[-3], nil, nil
