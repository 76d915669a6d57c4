# Uses CPU time and never ends.
my $count = 0;
$count++ while 1;
