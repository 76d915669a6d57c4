# The parameters and the data of the request are there by name; save_result puts values into the record.
use strict;
use warnings;
use List::Util qw(max sum);

my @scaled = map { $parameters{factor} * $_ } @{ $input_data->{readings} };
print "$input_data->{station}: ", sum(@scaled), "\n";

save_result(station => $input_data->{station});
save_result(total => sum(@scaled));
save_result(largest => max(@scaled));
