# The shortest program.
puts "Hello from Ruby"
