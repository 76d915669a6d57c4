# A program of several files: the other one holds a function that this one calls.
use strict;
use warnings;
use FindBin;
use lib "$FindBin::Bin/tools";
use Twice;

print "twice 21 is ", Twice::twice(21), "\n";
