# A program of several files: the other one holds a function that this one calls.
require_relative "tools/twice"

puts "twice 21 is #{twice(21)}"
