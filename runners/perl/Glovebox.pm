package Glovebox;

# Gives a program its helpers. The command line loads this module before the program (perl -MGlovebox main.pl).
#
# Neither this module nor Glovebox::JSON uses `warnings`: its module alone takes longer to load than both (2.0 ms of CPU
# time against 1.5 ms), and a program may do without.

use strict;

my ($folder) = __FILE__ =~ m{^(.*)/};
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

# What a program finds until it calls a helper: names without a body. Perl calls AUTOLOAD for them, and does not warn
# when the program gives them a body of its own.
{
    package Glovebox::Stub;
    our $AUTOLOAD;
    sub save_result;
    sub load_file;
    sub save_file;
    sub report_progress;

    sub AUTOLOAD {
        my ($name) = $AUTOLOAD =~ /(\w+)$/;
        Glovebox::load('Helpers');
        goto &{"Glovebox::Helpers::$name"};
    }
}

# The helpers that the program itself may define; those that it does not in the end are added before it runs.
my %own;

sub offer_helpers {
    my ($program) = @_;
    %own = map { $_ => 1 } $program =~ /\bsub\s+(save_result|load_file|save_file|report_progress)\b/g;
    for my $name (grep { !$own{$_} } qw(save_result load_file save_file report_progress)) {
        no strict 'refs';
        # The whole glob: after the import of a function alone Perl warns of another one.
        *{"main::$name"} = *{"Glovebox::Stub::$name"};
    }
    return;
}

# The last error before the program runs, which is not over as long as the program is compiled: an eval may have it.
my $pending;

# Tells of the error that ends the program. Perl itself keeps it nowhere: the text that it prints does not say that the
# program ended by it, nor which object it was. $^S is 0 where no eval is around and not defined while Perl compiles.
sub watch {
    my ($error) = @_;
    return if $^S || $$ != $owner;
    if (defined $^S) {
        local ($@, $!, $?);
        load('Uncaught');
        Glovebox::Uncaught::tell($error, 1);
    }
    elsif (${^GLOBAL_PHASE} eq 'START') {
        $pending = $error;
    }
    return;
}

INIT {
    undef $pending;
    no strict 'refs';
    *{"main::$_"} = \&{"Glovebox::Stub::$_"} for grep { !defined &{"main::$_"} } keys %own;
}

END {
    if (defined $pending && $? && $$ == $owner) {
        local ($@, $!, $?);
        load('Uncaught');
        Glovebox::Uncaught::tell($pending, 0);
    }
}

sub import {
    # An uncaught die makes the last error number the exit status.
    local $!;
    @INC = grep { $_ ne $folder } @INC;
    # Perl would write whole blocks. What a program prints is seen while it runs, and is there when it is stopped.
    $| = 1;
    # The pipe of the messages, before the program has descriptors of its own. Perl closes it for the programs that this
    # one starts.
    undef $pipe unless -p '/dev/fd/4' && open $pipe, '>&=', 4;
    $owner = $$;
    $SIG{__DIE__} = \&watch;
    offer_helpers(content($0));
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
