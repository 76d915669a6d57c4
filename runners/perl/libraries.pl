# A program that lists the modules beyond those that come with perl itself: name, tab, version on each line.
use strict;
use warnings;
use Config;
use File::Find;
use Module::Metadata;

my %found;
for my $folder (grep { defined && -d } @Config{qw(sitearchexp sitelibexp vendorarchexp vendorlibexp)}) {
    my $note = sub {
        return if !/\.pm$/;
        my $name = substr($_, length($folder) + 1) =~ s/\.pm$//r =~ s/\//::/gr;
        return if exists $found{$name};
        my $metadata = eval { Module::Metadata->new_from_file($_) };
        $found{$name} = ($metadata && $metadata->version) // '';
    };
    find({ no_chdir => 1, wanted => $note }, $folder);
}
print "$_\t$found{$_}\n" for sort keys %found;
