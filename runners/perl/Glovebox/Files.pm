package Glovebox::Files;

# Reading and writing files by their extension. Mistakes die with a text.
#
# Text is characters in a program and UTF-8 in a file; a file that is not UTF-8 is bytes.

use strict;
use warnings;
use Glovebox::JSON;
use Glovebox::Values;

my %reader = (
    '.csv'   => sub { rows($_[0], ',') },
    '.tsv'   => sub { rows($_[0], "\t") },
    '.json'  => \&Glovebox::JSON::decode,
    '.jsonl' => sub { [ map { Glovebox::JSON::decode($_) } grep { /\S/ } split /\n/, $_[0] ] },
);

sub extension {
    my ($path) = @_;
    return $path =~ m{[^/](\.[^./]*)$} ? lc $1 : '';
}

# The content of a file by its extension: rows, the value of JSON, an array of values, or text.
sub load {
    my ($path) = @_;
    open my $file, '<:raw', $path or die "$path: $!\n";
    my $content = do { local $/; <$file> };
    die "$path: $!\n" unless defined $content;
    my $reader = $reader{ extension($path) };
    $content =~ s/^\xEF\xBB\xBF// if $reader;
    if ($reader) {
        my $value = eval { $reader->($content) };
        die "$path is not JSON: $@" if $@;
        return $value;
    }
    utf8::decode($content);
    return $content;
}

# The rows of a table with a header, as hashes; cells without a column are an array under ''.
sub rows {
    my ($text, $separator) = @_;
    my ($header, @rows);
    pos($text) = 0;
    while (pos $text < length $text) {
        my @cells = record(\$text, $separator);
        next if @cells == 1 && $cells[0] eq '';
        if (!$header) {
            $header = \@cells;
            next;
        }
        my %row;
        @row{@$header} = splice @cells, 0, @$header;
        $row{''} = \@cells if @cells;
        push @rows, \%row;
    }
    return \@rows;
}

# The cells of the record at the position of the text. A record may hold line ends in quotes.
sub record {
    my ($text, $separator) = @_;
    my @cells;
    do {
        my $cell = '';
        if ($$text =~ /\G"/gc) {
            $cell .= $1 eq '""' ? '"' : $1 while $$text =~ /\G([^"]+|"")/gc;
            $$text =~ /\G"/gc;
        }
        $$text =~ /\G([^$separator\r\n]*)/gc;
        $cell .= $1;
        utf8::decode($cell);
        push @cells, $cell;
    } while $$text =~ /\G$separator/gc;
    $$text =~ /\G(?:\r\n?|\n)/gc;
    return @cells;
}

# The path below the folder that a name means, without "." and ".."; undef if it is not below it.
sub below {
    my ($folder, $name) = @_;
    my @steps;
    for my $step (split m{/+}, $name =~ m{^/} ? $name : "$folder/$name") {
        if ($step eq '..') { pop @steps }
        elsif ($step ne '' && $step ne '.') { push @steps, $step }
    }
    my $path = join '/', '', @steps;
    return index($path, "$folder/") == 0 ? $path : undef;
}

# Writes text, or an array or a hash as JSON, to a path, making the folders on the way. Returns the path.
sub save {
    my ($path, $content) = @_;
    my $text = ref $content ? json_for(extension($path), $content) : $content;
    utf8::encode($text) if utf8::is_utf8($text);
    mkdir $` while $path =~ m{/}g;
    open my $file, '>:raw', $path or die "$path: $!\n";
    print {$file} $text and close $file or die "$path: $!\n";
    return $path;
}

sub json_for {
    my ($extension, $content) = @_;
    die "content must be text for a file $extension\n" if $extension eq '.csv' || $extension eq '.tsv';
    my @values = $extension eq '.jsonl' && ref $content eq 'ARRAY' ? @$content : $content;
    return join '', map { Glovebox::Values::encode_exactly($_) . "\n" } @values;
}

1;
