-- Reading and writing files by their extension. Mistakes are returned as nil and a text.

local json, values = ...
local files = {}
local byte_order_mark = "\u{FEFF}"

local function extension_of(path)
  return (path:match("[^/](%.[^./]*)$") or ""):lower()
end

-- Returns the text in quotes that opens at `position`, and the position after it. Two quotes stand for one.
local function read_quoted(text, position)
  local pieces = {}
  repeat
    local close = text:find('"', position + 1, true) or #text + 1
    pieces[#pieces + 1] = text:sub(position + 1, close - 1)
    position = math.min(close, #text) + 1
  until text:sub(position, position) ~= '"'
  return table.concat(pieces, '"'), position
end

-- Returns the cells of one record and the position after it. A record may hold line ends in quotes.
local function read_record(text, position, separator)
  local cells = {}
  repeat
    local cell = ""
    if text:sub(position, position) == '"' then
      cell, position = read_quoted(text, position)
    end
    local _, last = text:find("^[^" .. separator .. "\r\n]*", position)
    cells[#cells + 1] = cell .. text:sub(position, last)
    position = last + 2
  until text:sub(last + 1, last + 1) ~= separator
  local _, last = text:find("^\r?\n?", position - 1)
  return cells, last + 1
end

-- The rows of a table with a header, each by the names of its columns; cells without a column are under "".
local function read_rows(text, separator)
  local header, rows, position = nil, {}, 1
  while position <= #text do
    local cells
    cells, position = read_record(text, position, separator)
    if #cells == 1 and cells[1] == "" then
      goto next -- an empty line
    elseif not header then
      header = cells
    else
      local row = {}
      for index, name in ipairs(header) do
        row[name] = cells[index]
      end
      if #cells > #header then
        row[""] = table.move(cells, #header + 1, #cells, 1, {})
      end
      rows[#rows + 1] = row
    end
    ::next::
  end
  return rows
end

local function read_lines(text)
  local result = {}
  for line in text:gmatch("[^\n]+") do
    if line:find("%S") then
      result[#result + 1] = json.decode(line)
    end
  end
  return result
end

local readers = {
  [".csv"] = function(text)
    return read_rows(text, ",")
  end,
  [".tsv"] = function(text)
    return read_rows(text, "\t")
  end,
  [".json"] = json.decode,
  [".jsonl"] = read_lines,
}

-- The content of a file by its extension: rows, the value of JSON, a sequence of values, or text.
function files.load(path)
  local file, problem = io.open(path, "rb")
  local text = file and file:read("a")
  if not text then
    return nil, file and path .. " is a folder" or problem
  end
  file:close()
  local read = readers[extension_of(path)]
  if not read then
    return text
  end
  if text:sub(1, 3) == byte_order_mark then
    text = text:sub(4)
  end
  local works, content = pcall(read, text)
  if not works then
    return nil, path .. " is not JSON: " .. tostring(content)
  end
  return content
end

-- The path below `folder` that `name` means, without "." and ".."; nil if it is not below it.
function files.below(folder, name)
  if name:sub(1, 1) ~= "/" then
    name = folder .. "/" .. name
  end
  local parts = {}
  for step in name:gmatch("[^/]+") do
    if step == ".." then
      table.remove(parts)
    elseif step ~= "." then
      parts[#parts + 1] = step
    end
  end
  local path = "/" .. table.concat(parts, "/")
  return path:sub(1, #folder + 1) == folder .. "/" and path or nil
end

-- Texts as they are, tables as JSON.
local function text_of(path, content)
  local extension = extension_of(path)
  if type(content) ~= "table" then
    return tostring(content)
  elseif extension == ".csv" or extension == ".tsv" then
    error("content must be a string for a file " .. extension, 0)
  elseif extension ~= ".jsonl" or not values.is_sequence(content) then
    return values.encode_exactly(content) .. "\n"
  end
  local lines = {}
  for index, item in ipairs(content) do
    lines[index] = values.encode_exactly(item) .. "\n"
  end
  return table.concat(lines)
end

-- Writes a string, a number or a table to a path, making the folders on the way. Returns the path.
function files.save(path, content)
  local works, text = pcall(text_of, path, content)
  if not works then
    return nil, text
  end
  local file, problem = io.open(path, "wb")
  if not file then
    -- The standard library cannot make folders.
    os.execute("mkdir -p -- '" .. path:match("^(.*)/"):gsub("'", "'\\''") .. "'")
    file, problem = io.open(path, "wb")
  end
  local written
  if file then
    written, problem = file:write(text)
    file:close()
  end
  return written and path, problem
end

return files
