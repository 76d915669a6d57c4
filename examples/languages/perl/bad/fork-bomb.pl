# Forks without end, and no child ends; die ends it when the kernel refuses one.
while (1) {
    my $child = fork // die "fork: $!";
    sleep if $child == 0;
}
