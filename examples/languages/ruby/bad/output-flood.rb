# Prints without end.
loop { puts "x" * 79 }
