# An uncaught error in a function, line 8, that the top level calls.
use strict;
use warnings;
use List::Util qw(sum0);

sub average {
    my @readings = @_;
    return sum0(@readings) / @readings;
}

print average(), "\n";
