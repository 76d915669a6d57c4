package Twice;

use strict;
use warnings;

sub twice {
    my ($number) = @_;
    return 2 * $number;
}

1;
