package Glovebox::Helpers;

# The functions that a program finds. Mistakes in their use die in the program's own line.

use strict;
use warnings;
use Glovebox::Channel;
use Glovebox::Files;
use Glovebox::Values;

my $max_name = 200;
my $max_progress_message = 4000;
my $number = qr/^[-+]?(?:\d+\.?\d*|\.\d+)(?:[eE][-+]?\d+)?$/;

# Dies where the helper was called.
sub refuse {
    my ($problem) = @_;
    chomp $problem;
    my ($helper) = (caller 1)[3] =~ /(\w+)$/;
    my ($file, $line) = (caller 1)[1, 2];
    die "$helper: $problem at $file line $line.\n";
}

# What a function returns, and what it dies with: a handler of the program's hears only of what becomes its own error.
sub attempt {
    my ($function, @arguments) = @_;
    local ($@, $!, $SIG{__DIE__});
    my $value = eval { $function->(@arguments) };
    return ($value, "$@");
}

sub is_text {
    my ($value) = @_;
    return defined $value && !ref $value;
}

# save_result(NAME, VALUE) keeps a value as a named result of the run; save_result(VALUE) keeps it as "result".
sub save_result {
    refuse('a name and a value are expected, not ' . @_ . ' arguments') if @_ < 1 || @_ > 2;
    my ($name, $value) = @_ == 2 ? @_ : ('result', @_);
    refuse('name must be text') unless is_text($name);
    $name = Glovebox::Values::characters($name);
    if (length $name > $max_name || $name !~ /\S/ || $name =~ /[^\p{Print}]/) {
        refuse("name must have 1 to $max_name printable characters");
    }
    my ($json, $complete) = Glovebox::Values::encode($value);
    Glovebox::Channel::result(Glovebox::Values::string($name), $json);
    return if $complete;
    my $warning = "result '$name' is too large for one message; only a description of it was kept";
    Glovebox::Channel::warning(Glovebox::Values::string($warning));
    return;
}

# The content of a file by its extension: csv and tsv as rows, json and jsonl as values, anything else as text.
sub load_file {
    my ($name) = @_;
    refuse('name must be text') unless is_text($name);
    my $path = $name =~ m{^/} ? $name : "$Glovebox::workspace/$name";
    my ($content, $problem) = attempt(\&Glovebox::Files::load, $path);
    refuse($problem) if $problem;
    return $content;
}

# Writes text, or an array or a hash as JSON, to a file below the workspace, making folders on the way. Returns its
# path.
sub save_file {
    my ($name, $content) = @_;
    refuse('name must be text') unless is_text($name);
    refuse('content must be text, an array or a hash') unless defined $content;
    my $path = Glovebox::Files::below($Glovebox::workspace, $name)
        // refuse("name must stay below the workspace $Glovebox::workspace, not '$name'");
    my ($saved, $problem) = attempt(\&Glovebox::Files::save, $path, $content);
    refuse($problem) if $problem;
    return $saved;
}

# Says how far the program is: 0 to 1, or a percentage above 1 up to 100, or undef; with a message to show.
sub report_progress {
    my ($fraction, $message) = @_;
    my $json = 'null';
    if (defined $fraction) {
        refuse("fraction must be a number, not '$fraction'") if $fraction !~ $number;
        refuse("fraction must be from 0 to 1, or a percentage up to 100, not $fraction")
            if $fraction < 0 || $fraction > 100;
        $json = Glovebox::Values::number($fraction > 1 ? $fraction / 100 : $fraction);
    }
    my $said = defined $message ? Glovebox::Values::characters($message, $max_progress_message) : undef;
    Glovebox::Channel::progress($json, defined $said ? Glovebox::Values::string($said) : 'null');
    return;
}

1;
