-- What a program is given and what it leaves: arguments, environment, folder, input, two outputs, exit status.
local line = io.read("l")
local folder = os.getenv("PWD") or io.popen("pwd"):read("l")
print(table.concat(arg, "|") .. "\n" .. os.getenv("GREETING") .. "\n" .. folder .. "\n" .. line)
io.stdout:flush()
io.stderr:write("to stderr\n")
os.execute("sleep 0.3")
print("end")
os.exit(7)
