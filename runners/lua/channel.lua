-- The stream of messages to the warden: a length of four bytes, and a JSON object.
--
-- Descriptor 4 is the pipe. A pipe that is opened again by its name has a buffer of our own choosing, which is none:
-- one frame is one write. Where there is no pipe, results alone are kept, in the file that GLOVEBOX_RESULTS names.

local json = ...
local channel = {}

-- Appending, because it leaves a file that might be there instead as it is.
local pipe = io.open("/dev/fd/4", "a")
if pipe then
  pipe:setvbuf("no")
end

local function send(body)
  if pipe then
    pipe:write(string.pack(">s4", body))
  end
end

function channel.result(name, value)
  if pipe then
    return send(('{"type":"result","name":%s,"value":%s}'):format(json.string(name), value))
  end
  local path = os.getenv("GLOVEBOX_RESULTS")
  local file = path and io.open(path, "ab")
  if file then
    file:write(('{"name":%s,"value":%s}\n'):format(json.string(name), value))
    file:close()
  end
end

function channel.progress(fraction, message)
  fraction = fraction and json.number(fraction) or "null"
  message = message and json.string(message) or "null"
  send(('{"type":"progress","fraction":%s,"message":%s}'):format(fraction, message))
end

function channel.warn(message)
  send(('{"type":"warning","message":%s}'):format(json.string(message)))
end

return channel
