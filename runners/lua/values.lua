-- Values as JSON text.
--
-- nil, booleans, strings, finite floats, integers up to 2^53 - 1 in magnitude, sequences and tables whose keys are all
-- strings are themselves. In a message, anything else is replaced, where it stands, by a description
-- {"$type": ..., "repr": ...}; in a file it is a mistake.

local json = ...
local values = {}

local max_repr = 2000
local max_depth = 64
local max_safe_integer = (1 << 53) - 1
-- What one message may hold, less room for what stands around the value.
local max_bytes = 8 * 1024 * 1024 - 4096
local too_large = {}

-- The first `length` characters of a text.
function values.cut(text, length)
  text = tostring(text)
  if #text <= length then
    return text
  end
  local count = utf8.len(text)
  if not count then
    return text:sub(1, length)
  end
  return count <= length and text or text:sub(1, utf8.offset(text, length + 1) - 1)
end

local function type_name(value)
  local metatable = type(value) == "table" and getmetatable(value)
  local name = type(metatable) == "table" and rawget(metatable, "__name")
  return type(name) == "string" and name or math.type(value) or type(value)
end

local function description(value)
  local works, text = pcall(tostring, value)
  if not works then
    text = "<tostring failed: " .. values.cut(text, 200) .. ">"
  end
  if #text > max_repr then
    text = values.cut(text, max_repr - 3) .. "..."
  end
  return ('"$type":%s,"repr":%s'):format(json.string(values.cut(type_name(value), 500)), json.string(text))
end

-- "array" for a sequence, "object" if all keys are strings and none is "$type", which marks descriptions.
local function shape_of(value)
  local count, last, names = 0, 0, 0
  for key in next, value do
    count = count + 1
    if math.type(key) == "integer" and key > 0 then
      last = math.max(last, key)
    elseif type(key) == "string" and key ~= "$type" and utf8.len(key) then
      names = names + 1
    else
      return "pairs"
    end
  end
  if count == 0 then
    return getmetatable(value) == json.without_fields and "object" or "array"
  end
  return names == count and "object" or names == 0 and last == count and "array" or "pairs"
end

local function has_own_text(value)
  local metatable = getmetatable(value)
  return type(metatable) == "table" and rawget(metatable, "__tostring") ~= nil
end

-- Gathers the pieces of one value's JSON in itself; raises `too_large` when they are more than there is room for.
local Writer = {}
Writer.__index = Writer

function Writer:put(text)
  self.room = self.room - #text
  if self.room < 0 then
    error(too_large, 0)
  end
  self[#self + 1] = text
end

-- Opens the object that stands for a value; its end is left to the caller.
function Writer:describe(value)
  if self.strict then
    error(("a value of type %s cannot be written as JSON"):format(type_name(value)), 0)
  end
  self:put("{" .. description(value))
end

function Writer:value(value, depth)
  local kind = type(value)
  if value == nil or rawequal(value, json.null) then
    self:put("null")
  elseif kind == "boolean" then
    self:put(tostring(value))
  elseif kind == "string" then
    self:put(json.string(value))
  elseif math.type(value) == "integer" and value >= -max_safe_integer and value <= max_safe_integer then
    self:put(json.number(value))
  elseif math.type(value) == "float" and value - value == 0 then
    self:put(json.number(value))
  elseif kind ~= "table" or has_own_text(value) or depth >= max_depth or self.path[value] then
    self:describe(value)
    self:put("}")
  else
    self.path[value] = true
    self[shape_of(value)](self, value, depth)
    self.path[value] = nil
  end
end

function Writer:array(value, depth)
  self:put("[")
  for index = 1, rawlen(value) do
    self:put(index > 1 and "," or "")
    self:value(rawget(value, index), depth + 1)
  end
  self:put("]")
end

function Writer:object(value, depth)
  local names = {}
  for name in next, value do
    names[#names + 1] = name
  end
  table.sort(names)
  self:put("{")
  for index, name in ipairs(names) do
    self:put((index > 1 and "," or "") .. json.string(name) .. ":")
    self:value(rawget(value, name), depth + 1)
  end
  self:put("}")
end

function Writer:pairs(value, depth)
  self:describe(value)
  self:put(',"items":[')
  local first = true
  for key, item in next, value do
    self:put(first and "[" or ",[")
    self:value(key, depth + 3)
    self:put(",")
    self:value(item, depth + 3)
    self:put("]")
    first = false
  end
  self:put("]}")
end

-- The JSON of a value for a message, and whether it is all of it: what is too large is described as a whole.
function values.encode(value)
  local writer = setmetatable({ room = max_bytes, path = {} }, Writer)
  local works, problem = pcall(writer.value, writer, value, 0)
  if works then
    return table.concat(writer), true
  elseif problem ~= too_large then
    error(problem, 0)
  end
  return "{" .. description(value) .. "}", false
end

-- The JSON of a value for a file. Raises a text for what JSON cannot hold.
function values.encode_exactly(value)
  local writer = setmetatable({ room = math.huge, path = {}, strict = true }, Writer)
  writer:value(value, 0)
  return table.concat(writer)
end

function values.is_sequence(value)
  return type(value) == "table" and shape_of(value) == "array"
end

return values
