# The shortest program.
echo "Hello from Bash"
