# What a program is given and what it leaves: arguments, environment, folder, input, two outputs, exit status.
puts ARGV.join("|"), ENV.fetch("GREETING"), Dir.pwd, $stdin.gets
warn "to stderr"
sleep 0.3
puts "end"
exit 7
