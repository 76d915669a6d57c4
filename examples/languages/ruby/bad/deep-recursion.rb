# Calls itself without end; the interpreter raises SystemStackError.
def depth(level)
  1 + depth(level + 1)
end

puts depth(1)
