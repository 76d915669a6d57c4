# Calls itself without end; Perl does not count and keeps its calls on the heap, so memory runs out.
sub depth {
    my ($level) = @_;
    return 1 + depth($level + 1);
}

print depth(1), "\n";
