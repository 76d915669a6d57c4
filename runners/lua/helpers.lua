-- The functions that a program finds. Mistakes in their use are errors in the program's own line.

local channel, files, values, workspace = ...
local helpers = {}

local max_name = 200
local max_progress_message = 4000

-- Level 3: this function, the helper, the program.
local function refuse(position, helper, problem)
  error(("bad argument #%d to '%s' (%s)"):format(position, helper, problem), 3)
end

local function is_text(value)
  return type(value) == "string" or type(value) == "number"
end

-- save_result(name, value) keeps a value as a named result of the run; save_result(value) keeps it as "result".
function helpers.save_result(...)
  local name, value = ...
  if select("#", ...) == 0 then
    refuse(1, "save_result", "value expected")
  elseif select("#", ...) == 1 then
    name, value = "result", name
  end
  if not is_text(name) then
    refuse(1, "save_result", "name must be a string, got " .. type(name))
  end
  name = tostring(name)
  local length = utf8.len(name)
  if not length or length > max_name or name:find("%c") or not name:find("%S") then
    refuse(1, "save_result", ("name must have 1 to %d printable characters"):format(max_name))
  end
  local encoded, complete = values.encode(value)
  channel.result(name, encoded)
  if not complete then
    channel.warn(("result '%s' is too large for one message; only a description of it was kept"):format(name))
  end
end

-- The content of a file by its extension: csv and tsv as rows, json and jsonl as values, anything else as text.
function helpers.load_file(name)
  if not is_text(name) then
    refuse(1, "load_file", "name must be a string, got " .. type(name))
  end
  name = tostring(name)
  local content, problem = files.load(name:sub(1, 1) == "/" and name or workspace .. "/" .. name)
  if problem then
    error("load_file: " .. problem, 2)
  end
  return content
end

-- Writes text, or a table as JSON, to a file below the workspace, making folders on the way. Returns its path.
function helpers.save_file(name, content)
  if not is_text(name) then
    refuse(1, "save_file", "name must be a string, got " .. type(name))
  end
  if not is_text(content) and type(content) ~= "table" then
    refuse(2, "save_file", "content must be a string, a number or a table, got " .. type(content))
  end
  local path = files.below(workspace, tostring(name))
  if not path then
    refuse(1, "save_file", ("name must stay below the workspace %s, got '%s'"):format(workspace, name))
  end
  local saved, problem = files.save(path, content)
  if not saved then
    error("save_file: " .. problem, 2)
  end
  return saved
end

-- Says how far the program is: 0 to 1, or a percentage above 1 up to 100, or nil; with a message to show.
function helpers.report_progress(fraction, message)
  if fraction ~= nil and type(fraction) ~= "number" then
    refuse(1, "report_progress", "fraction must be a number, got " .. type(fraction))
  end
  if fraction and not (fraction >= 0 and fraction <= 100) then
    refuse(1, "report_progress", "fraction must be from 0 to 1, or a percentage up to 100, got " .. fraction)
  end
  if fraction and fraction > 1 then
    fraction = fraction / 100
  end
  channel.progress(fraction, message ~= nil and values.cut(message, max_progress_message) or nil)
end

return helpers
