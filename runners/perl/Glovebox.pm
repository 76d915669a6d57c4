package Glovebox;

# Gives a program its helpers. The command line loads this module before the program (perl -MGlovebox main.pl).
#
# Neither this module nor Glovebox::JSON uses `warnings`: its module alone takes longer to load than both (2.0 ms of CPU
# time against 1.5 ms), and a program may do without.

use strict;

my ($folder) = __FILE__ =~ m{^(.*)/};
my @helpers = qw(save_result load_file save_file report_progress);
our (%parameters, $input_data);
our $workspace = $ENV{WORKSPACE} // '/workspace';
our ($pipe, $owner);

# Loads a module of this folder, which the program does not see in @INC.
sub load {
    my ($module) = @_;
    local ($@, $!);
    local @INC = ($folder, @INC);
    require "Glovebox/$module.pm";
    return;
}

sub content {
    my ($path) = @_;
    open my $file, '<:raw', $path or return '';
    local $/;
    return <$file> // '';
}

sub import {
    # An uncaught die makes the last error number the exit status.
    local $!;
    @INC = grep { $_ ne $folder } @INC;
    # The pipe of the messages, before the program has descriptors of its own. Perl closes it for the programs that this
    # one starts.
    undef $pipe unless -p '/dev/fd/4' && open $pipe, '>&=', 4;
    $owner = $$;
    # A function of the program's own takes the place of a helper; Perl would warn if both were there.
    my %own = map { $_ => 1 } content($0) =~ /^\s*sub\s+(\w+)/mg;
    for my $name (grep { !$own{$_} } @helpers) {
        no strict 'refs';
        *{"main::$name"} = sub { load('Helpers'); goto &{"Glovebox::Helpers::$name"} };
    }
    if (my $text = content($ENV{GLOVEBOX_INPUT} // '')) {
        load('JSON');
        my $input = Glovebox::JSON::decode($text);
        %parameters = %{ $input->{parameters} };
        ($input_data, $workspace) = @$input{qw(data workspace)};
    }
    *main::parameters = \%parameters;
    *main::input_data = \$input_data;
    return;
}

1;
