-- The shortest program.
print("Hello from Lua")
