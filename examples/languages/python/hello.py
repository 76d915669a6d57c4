# The shortest program.
print("Hello from Python")
