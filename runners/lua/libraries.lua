-- A program that lists the modules that require finds, on each line one. Their files say no version.
local found = {}
for template in (package.path .. ";" .. package.cpath):gmatch("[^;]+") do
  local folder, ending = template:match("^(/usr/[^?]*)/%?(.*)$")
  if folder and ending ~= "/init.lua" then
    -- Lua has no function that reads a folder. The names stand in the template, not in what a stranger wrote.
    local files = io.popen("find '" .. folder .. "' -type f -name '*" .. ending .. "' 2>/dev/null")
    for file in files:lines() do
      local name = file:sub(#folder + 2, -#ending - 1):gsub("/init$", ""):gsub("/", ".")
      found[name] = true
    end
    files:close()
  end
end
local names = {}
for name in pairs(found) do names[#names + 1] = name end
table.sort(names)
for _, name in ipairs(names) do print(name) end
