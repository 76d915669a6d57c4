-- A strict reader of JSON (RFC 8259), and how texts and numbers are written.
--
-- Arrays become sequences, objects become tables, whole numbers integers. A null in an array is the value `null`,
-- so that no place is lost; in an object it is a field that is not there. An object without fields is marked by its
-- metatable, so that it can be told from an empty array.

local json = {}

json.null = setmetatable({}, {
  __name = "null",
  __tostring = function()
    return "null"
  end,
})
json.without_fields = { __name = "object" }

local replacement = "\u{FFFD}"
local meanings = {
  ['"'] = '"', ["\\"] = "\\", ["/"] = "/", b = "\b", f = "\f", n = "\n", r = "\r", t = "\t",
}
local escapes = { ['"'] = '\\"', ["\\"] = "\\\\", ["\n"] = "\\n", ["\r"] = "\\r", ["\t"] = "\\t" }

local function fail(text, position, expected)
  local _, line_ends = text:sub(1, position - 1):gsub("\n", "")
  local found = position > #text and "the text ends" or ("there is %q"):format(text:sub(position, position + 9))
  error(("line %d: %s is expected where %s"):format(line_ends + 1, expected, found), 0)
end

local function skip_space(text, position)
  return text:find("[^ \t\r\n]", position) or #text + 1
end

local function read_code_unit(text, position)
  local digits = text:match("^%x%x%x%x", position)
  if not digits then
    fail(text, position, "a code of four hexadecimal digits")
  end
  return tonumber(digits, 16), position + 4
end

-- Reads what follows `\u`; half of a surrogate pair stands for no character.
local function read_code(text, position)
  local code, after = read_code_unit(text, position)
  if code >= 0xD800 and code < 0xDC00 and text:sub(after, after + 1) == "\\u" then
    local low, after_low = read_code_unit(text, after + 2)
    if low >= 0xDC00 and low < 0xE000 then
      return utf8.char(0x10000 + (code - 0xD800) * 0x400 + low - 0xDC00), after_low
    end
  end
  return code >= 0xD800 and code < 0xE000 and replacement or utf8.char(code), after
end

local function read_string(text, position)
  local pieces, start = {}, position
  position = position + 1
  while true do
    local _, last = text:find('^[^"\\\0-\31]*', position)
    pieces[#pieces + 1] = text:sub(position, last)
    position = last + 1
    local mark = text:sub(position, position)
    if mark == '"' then
      break
    elseif mark ~= "\\" then
      fail(text, position, "the end of a string")
    end
    local kind = text:sub(position + 1, position + 1)
    if kind == "u" then
      pieces[#pieces + 1], position = read_code(text, position + 2)
    else
      pieces[#pieces + 1] = meanings[kind] or fail(text, position, "an escape sequence")
      position = position + 2
    end
  end
  local result = table.concat(pieces)
  if not utf8.len(result) then
    fail(text, start, "a string in UTF-8")
  end
  return result, position + 1
end

local function read_number(text, position)
  local digits = text:match("^-?%d+", position) or fail(text, position, "a value")
  local fraction = text:match("^%.%d+", position + #digits) or ""
  local exponent = text:match("^[eE][+-]?%d+", position + #digits + #fraction) or ""
  local number = digits .. fraction .. exponent
  local after = position + #number
  if digits:find("^-?0%d") or text:find("^[%w.+-]", after) then
    fail(text, position, "a number")
  end
  return tonumber(number), after
end

local words = { t = { "true", true }, f = { "false", false }, n = { "null", json.null } }
local read_value

local function read_array(text, position)
  local array, length = {}, 0
  position = skip_space(text, position + 1)
  if text:sub(position, position) == "]" then
    return array, position + 1
  end
  while true do
    length = length + 1
    array[length], position = read_value(text, position)
    local mark = text:sub(position, position)
    if mark == "]" then
      return array, position + 1
    elseif mark ~= "," then
      fail(text, position, "',' or ']'")
    end
    position = skip_space(text, position + 1)
  end
end

local function read_object(text, position)
  local object = {}
  position = skip_space(text, position + 1)
  local mark = text:sub(position, position)
  while mark ~= "}" do
    if text:sub(position, position) ~= '"' then
      fail(text, position, "a name in quotes")
    end
    local name, value
    name, position = read_string(text, position)
    position = skip_space(text, position)
    if text:sub(position, position) ~= ":" then
      fail(text, position, "':'")
    end
    value, position = read_value(text, skip_space(text, position + 1))
    if value == json.null then
      value = nil
    end
    object[name] = value
    mark = text:sub(position, position)
    if mark == "," then
      position = skip_space(text, position + 1)
    elseif mark ~= "}" then
      fail(text, position, "',' or '}'")
    end
  end
  return next(object) == nil and setmetatable(object, json.without_fields) or object, position + 1
end

-- Returns the value at `position` and the position of what follows it and the space after it.
function read_value(text, position)
  local mark = text:sub(position, position)
  local value
  if mark == '"' then
    value, position = read_string(text, position)
  elseif mark == "{" then
    value, position = read_object(text, position)
  elseif mark == "[" then
    value, position = read_array(text, position)
  elseif words[mark] and text:sub(position, position + #words[mark][1] - 1) == words[mark][1] then
    value, position = words[mark][2], position + #words[mark][1]
  else
    value, position = read_number(text, position)
  end
  return value, skip_space(text, position)
end

-- The value of a JSON text. Raises a text that says in which line it is not JSON.
function json.decode(text)
  local value, position = read_value(text, skip_space(text, 1))
  if position <= #text then
    fail(text, position, "the end")
  end
  return value
end

local function as_unicode(text)
  if utf8.len(text) then
    return text
  end
  local pieces, from = {}, 1
  while from <= #text do
    local _, bad = utf8.len(text, from)
    pieces[#pieces + 1] = text:sub(from, (bad or #text + 1) - 1)
    pieces[#pieces + 1] = bad and replacement or ""
    from = (bad or #text) + 1
  end
  return table.concat(pieces)
end

-- A text as a JSON string; bytes that are no UTF-8 become U+FFFD.
function json.string(text)
  local escaped = as_unicode(text):gsub('[%c"\\]', function(character)
    return escapes[character] or ("\\u%04x"):format(character:byte())
  end)
  return '"' .. escaped .. '"'
end

-- A finite number with as few digits as give the same number back.
function json.number(number)
  if math.type(number) == "integer" then
    return ("%d"):format(number)
  end
  for digits = 15, 17 do
    local text = ("%." .. digits .. "g"):format(number)
    if tonumber(text) == number then
      return text
    end
  end
end

return json
