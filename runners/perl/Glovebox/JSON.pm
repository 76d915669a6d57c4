package Glovebox::JSON;

# A strict reader of JSON (RFC 8259). JSON::PP, which comes with Perl, takes longer to load than most programs run.
#
# true and false become Perl's own, which print as 1 and the empty string.

use strict;

my %meaning = (b => "\b", f => "\f", n => "\n", r => "\r", t => "\t", map { $_ => $_ } '"', '\\', '/');
my %word = (true => !!1, false => !!0, null => undef);

# The text that is being read. It stays bytes and only its strings are decoded, because matching at a position of
# characters takes longer the further it is.
our $text;

# The value of a JSON text in UTF-8. Dies with a text that says in which line it is not JSON.
sub decode {
    local ($text, $^W) = (shift, 0);
    pos($text) = 0;
    my $value = value();
    fail('the end') if pos $text < length $text;
    return $value;
}

sub fail {
    my ($expected) = @_;
    my $position = pos($text) // 0;
    my $line = 1 + (substr($text, 0, $position) =~ tr/\n//);
    my $found = $position < length $text ? "there is '" . substr($text, $position, 10) . "'" : 'the text ends';
    die "line $line: $expected is expected where $found\n";
}

# Reads a value and the space around it.
sub value {
    $text =~ /\G[ \t\r\n]+/gc;
    my $value;
    if    ($text =~ /\G"/gc)  { $value = string() }
    elsif ($text =~ /\G\{/gc) { $value = object() }
    elsif ($text =~ /\G\[/gc) { $value = array() }
    elsif ($text =~ /\G(-?(?:0|[1-9][0-9]*)(?:\.[0-9]+)?(?:[eE][-+]?[0-9]+)?)(?![\w.+-])/gc) { $value = 0 + $1 }
    elsif ($text =~ /\G(true|false|null)\b/gc) { $value = $word{$1} }
    else                                       { fail('a value') }
    $text =~ /\G[ \t\r\n]+/gc;
    return $value;
}

sub string {
    my $string = '';
    until ($text =~ /\G"/gc) {
        if    ($text =~ /\G([^"\\\x00-\x1f]+)/gc)   { $string .= $1 }
        elsif ($text =~ /\G\\(["\\\/bfnrt])/gc)     { $string .= $meaning{$1} }
        elsif ($text =~ /\G\\u([0-9a-fA-F]{4})/gc)  { $string .= character(hex $1) }
        else                                        { fail('the end of a string') }
    }
    utf8::decode($string) or fail('a string in UTF-8 before this place');
    return $string;
}

# Half of a surrogate pair stands for no character.
sub character {
    my ($code) = @_;
    if ($code >= 0xD800 && $code < 0xDC00 && $text =~ /\G\\u([dD][c-fC-F][0-9a-fA-F]{2})/gc) {
        $code = 0x10000 + ($code - 0xD800) * 0x400 + hex($1) - 0xDC00;
    }
    my $character = chr($code >= 0xD800 && $code < 0xE000 ? 0xFFFD : $code);
    utf8::encode($character);
    return $character;
}

sub array {
    my @array;
    return \@array if $text =~ /\G[ \t\r\n]*\]/gc;
    do { push @array, value() } while $text =~ /\G,/gc;
    $text =~ /\G\]/gc or fail("',' or ']'");
    return \@array;
}

sub object {
    my %object;
    return \%object if $text =~ /\G[ \t\r\n]*\}/gc;
    do {
        $text =~ /\G[ \t\r\n]*"/gc or fail('a name in quotes');
        my $name = string();
        $text =~ /\G[ \t\r\n]*:/gc or fail("':'");
        $object{$name} = value();
    } while $text =~ /\G,/gc;
    $text =~ /\G\}/gc or fail("',' or '}'");
    return \%object;
}

1;
