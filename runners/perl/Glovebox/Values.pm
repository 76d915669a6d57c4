package Glovebox::Values;

# Values as JSON text, in UTF-8.
#
# undef, booleans, text, finite floats, integers up to 2**53 - 1 in magnitude, references to arrays and to hashes are
# themselves. In a message, anything else is replaced, where it stands, by a description
# {"$type": ..., "repr": ...}; in a file it is a mistake.
#
# Text is characters; bytes that are UTF-8 are taken for the characters that they mean.

use strict;
use warnings;
no warnings 'recursion';

my $max_repr = 2000;
my $max_depth = 64;
my $max_safe_integer = 2**53 - 1;
# What one message may hold, less room for what stands around the value.
my $max_bytes = 8 * 1024 * 1024 - 4096;
my $too_large = \'too large';

my %escape = ("\n" => '\n', "\r" => '\r', "\t" => '\t', '"' => '\"', '\\' => '\\\\');

# Perl 5.36 remembers what was made as a boolean and what as a number. Before, a text that was used as a number is one.
my ($is_boolean, $is_number) =
    defined &builtin::created_as_number
    ? (\&builtin::is_bool, \&builtin::created_as_number)
    : (sub { !!0 }, sub { no warnings; length((my $nothing = '') & $_[0]) });

our ($room, $strict, %path);

# The JSON of a value for a message, and whether it is all of it: what is too large is described as a whole.
sub encode {
    my ($value) = @_;
    local ($@, $SIG{__DIE__});
    local ($room, $strict, %path) = ($max_bytes, 0);
    my $json = eval { json($value, 0) };
    return ($json, 1) if defined $json;
    die $@ unless ref $@ && $@ == $too_large;
    return (description($value) . '}', 0);
}

# The JSON of a value for a file. Dies with a text for what JSON cannot hold.
sub encode_exactly {
    my ($value) = @_;
    local ($room, $strict, %path) = (9**9**9, 1);
    return json($value, 0);
}

# The characters of a text, of which at most `length` are wanted.
sub characters {
    my ($text, $length) = @_;
    utf8::decode($text) unless utf8::is_utf8($text);
    return defined $length ? substr $text, 0, $length : $text;
}

# A text as a JSON string.
sub string {
    my $text = characters(shift);
    $text =~ s/[^\x{0}-\x{D7FF}\x{E000}-\x{10FFFF}]/\x{FFFD}/g;
    $text =~ s/([\x00-\x1f"\\])/$escape{$1} \/\/ sprintf '\u%04x', ord $1/ge;
    utf8::encode($text);
    return qq("$text");
}

# A finite number with as few digits as give the same number back.
sub number {
    my ($number) = @_;
    return sprintf '%d', $number if $number == int $number && abs $number <= $max_safe_integer;
    for my $digits (15 .. 17) {
        my $text = sprintf "%.${digits}g", $number;
        return $text if $text == $number;
    }
}

sub json {
    my ($value, $depth) = @_;
    return spend('null') unless defined $value;
    my $kind = ref $value;
    if (!$kind) {
        no warnings 'experimental';
        return spend($value ? 'true' : 'false') if $is_boolean->($value);
        return spend(string($value)) unless $is_number->($value);
        return spend(number($value)) if is_exact($value);
    }
    elsif ($kind eq 'JSON::PP::Boolean') {
        return spend($$value ? 'true' : 'false');
    }
    elsif (($kind eq 'ARRAY' || $kind eq 'HASH') && $depth < $max_depth && !$path{$value}) {
        local $path{$value} = 1;
        return $kind eq 'ARRAY' ? array($value, $depth + 1) : object($value, $depth + 1);
    }
    return spend(describe($value) . '}');
}

sub array {
    my ($array, $depth) = @_;
    return '[' . join(',', map { spend(json($_, $depth), 1) } @$array) . ']';
}

# An object that has a key "$type" is described, so that the key can be trusted in a description.
sub object {
    my ($hash, $depth) = @_;
    my @keys = sort keys %$hash;
    if (!$strict && exists $hash->{'$type'}) {
        my @pairs = map { '[' . string($_) . ',' . json($hash->{$_}, $depth + 2) . ']' } @keys;
        return spend(describe($hash)) . ',"items":[' . join(',', @pairs) . ']}';
    }
    return '{' . join(',', map { spend(string($_) . ':') . json($hash->{$_}, $depth) } @keys) . '}';
}

# Takes the length of a piece from the room that is left.
sub spend {
    my ($piece, $size) = @_;
    $room -= $size // length $piece;
    die $too_large if $room < 0;
    return $piece;
}

# Not an integer beyond what JSON keeps, not infinite, and equal to itself, which NaN is not.
sub is_exact {
    my ($number) = @_;
    return 0 if $number != $number || abs $number == 9**9**9;
    return "$number" !~ /^-?\d+$/ || abs $number <= $max_safe_integer;
}

# The object that stands for a value, without its closing brace.
sub describe {
    my ($value) = @_;
    return description($value) unless $strict;
    die 'a value of type ' . type_name($value) . " cannot be written as JSON\n";
}

sub type_name {
    my ($value) = @_;
    no warnings 'experimental';
    return ref $value || ($is_number->($value) ? 'number' : 'string');
}

sub description {
    my ($value) = @_;
    local ($@, $SIG{__DIE__});
    my $repr = eval { characters("$value", $max_repr + 1) } // "<no text: $@>";
    $repr = substr($repr, 0, $max_repr - 3) . '...' if length $repr > $max_repr;
    return '{"$type":' . string(substr type_name($value), 0, 500) . ',"repr":' . string($repr);
}

1;
