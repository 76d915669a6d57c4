# What a program is given and what it leaves: arguments, environment, folder, input, two outputs, exit status.
use strict;
use warnings;
use Cwd;

$| = 1;
my $line = <STDIN>;
print join("|", @ARGV), "\n$ENV{GREETING}\n", getcwd(), "\n", $line;
print STDERR "to stderr\n";
select(undef, undef, undef, 0.3);
print "end\n";
exit 7;
