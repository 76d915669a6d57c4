package Glovebox::Uncaught;

# The error that ends a program, for the record: what it died with, and the frames around it.

use strict;
use warnings;
use Glovebox::Channel;
use Glovebox::Values;

my ($folder) = __FILE__ =~ m{^(.*/)Glovebox/};
my $home = "$Glovebox::workspace/";
my $max_frames = 100;
my $max_text = 64 * 1024;
my $input = qr/, <[^>\n]*> (?:line|chunk) \d+/;
# What the parser says has the first mistake first, and other mistakes behind it.
my $words = join '|', 'syntax error', 'Global symbol', 'Missing right', 'Unmatched right', 'Bareword "',
    q{Can't find string terminator}, q{Can't modify}, 'Not enough arguments for', 'Too many arguments for',
    'Type of arg', 'Unrecognized character', 'Search pattern not', 'Substitution ', 'Transliteration ';
my $syntax_error = qr/^(?:$words)/;
my $aborted = qr/^Execution of .* aborted due to compilation errors\.$/m;
# What `ref` says of a reference that is no object.
my $plain = qr/^(?:SCALAR|ARRAY|HASH|CODE|REF|GLOB|LVALUE|FORMAT|IO|VSTRING|Regexp)$/;

# `error`: what the program died with. `running`: whether this is called where it dies, with its frames around.
sub tell {
    my ($error, $running) = @_;
    my $printed = eval { "$error" } // '';
    my @frames = $running ? frames() : ();
    my ($type, $message, $file, $line) = ref $error ? object($error, $printed) : text($printed);
    if (defined $file && defined($file = program($file))) {
        # An error may name a place further out than where it arose, as those of Carp do.
        my ($place) = grep { $frames[$_]{file} eq $file && $frames[$_]{line} == $line } reverse 0 .. $#frames;
        if (defined $place) { splice @frames, $place + 1 }
        else                { push @frames, { file => $file, line => $line, function => '' } }
    }
    @frames = @frames[-$max_frames .. -1] if @frames > $max_frames;
    my %lines;
    for my $frame (@frames) {
        my $lines = $lines{ $frame->{file} } //= [ split /\n/, Glovebox::content($home . $frame->{file}) ];
        my ($source) = ($lines->[ $frame->{line} - 1 ] // '') =~ /^\s*(.*?)\s*$/;
        $frame->{source} = $source;
    }
    Glovebox::Channel::error(json($type, $message, $printed, @frames));
    return;
}

# Type, message and place of a text. What Perl added on its way out is no part of it.
sub text {
    my ($text) = @_;
    my $followed = 'Compilation failed in require|BEGIN failed--compilation aborted|END failed--call queue aborted';
    1 while $text =~ s/(?<=\n)(?:$followed)[^\n]*\n\z//;
    if ($text =~ $syntax_error || $text =~ $aborted) {
        my ($message, $file, $line) = $text =~ /\A(.*?) at ([^\n]+?) line (\d+)(?:,|\.?$)/m;
        return ('syntax error', $message // $text, $file, $line);
    }
    my ($message, $file, $line) = $text =~ /\A(.*) at ([^\n]+?) line (\d+)$input?\.\n\z/s;
    ($message, $file, $line) = $text =~ /\A(.*?) at ([^\n]+?) line (\d+)$input?\.?\n\t/s unless defined $message;
    $message //= $text =~ s/\n\z//r;
    return ('die', $message, $file, $line);
}

# The same of a reference: the text of an object that has one, otherwise what is in it.
sub object {
    my ($error, $printed) = @_;
    my $class = ref $error;
    my (undef, $message, $file, $line) = text($printed);
    if ($printed =~ /^(?:\Q$class\E=)?(HASH|ARRAY)\(0x[0-9a-f]+\)\z/) {
        ($message) = Glovebox::Values::encode($1 eq 'HASH' ? {%$error} : [@$error]);
        utf8::decode($message);
    }
    return ($class =~ $plain ? 'die' : $class, $message, $file, $line);
}

# The frames of the program, innermost last.
sub frames {
    my @frames;
    for (my $level = 0; my ($file, $line) = (caller $level)[1, 2]; $level++) {
        next if index($file, $folder) == 0 || $line == 0; # a block END has no line around it
        $file = program($file) // next;
        my $function = (caller $level + 1)[3] // '';
        unshift @frames, { file => $file, line => $line, function => $function eq '(eval)' ? '' : $function };
        last if @frames == $max_frames;
    }
    return @frames;
}

# A file's name in the workspace; undef for one that is not of the program.
sub program {
    my ($file) = @_;
    $file = substr $file, length $home if index($file, $home) == 0;
    $file =~ s{^(?:\./+)+}{};
    return $file =~ m{^(?:/|\.\./|\(eval \d+\)|-e$)} ? undef : $file;
}

sub json {
    my ($type, $message, $printed, @frames) = @_;
    my ($said, $traceback) = map { Glovebox::Values::string(substr $_, 0, $max_text) } $message, $printed;
    my @json = map {
        my ($file, $function, $source) = map { Glovebox::Values::string($_) } @$_{qw(file function source)};
        "{\"file\":$file,\"line\":$_->{line},\"function\":$function,\"source\":$source}";
    } @frames;
    my $line = @frames ? $frames[-1]{line} : 'null';
    return '{"type":' . Glovebox::Values::string(substr $type, 0, 1000) . ",\"message\":$said,\"traceback\":$traceback,"
        . '"frames":[' . join(',', @json) . "],\"line\":$line}";
}

1;
