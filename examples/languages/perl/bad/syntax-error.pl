# A syntax error: line 4 closes a bracket that was never opened.
my @readings = (3, 5, 8, 13);

my $count = scalar(@readings));
print "$count\n";
