# Prints without end.
print 'x' x 79, "\n" while 1;
