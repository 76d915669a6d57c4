# The shortest program.
print "Hello from Perl\n";
