# Takes 16 MiB after 16 MiB and writes on all of it; Perl ends with "Out of memory!" where memory is refused.
my @blocks;
push @blocks, 'x' x (16 << 20) while 1;
