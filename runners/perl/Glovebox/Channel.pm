package Glovebox::Channel;

# The stream of messages to the warden: a length of four bytes, and a JSON object.
#
# A forked child of the program writes to the same pipe. It opens the pipe anew, so that it has a lock of its own, and
# no frame stands in the middle of another. Where there is no pipe, results alone are kept, in the file that
# GLOVEBOX_RESULTS names.

use strict;
use warnings;

my $pipe = $Glovebox::pipe;
my $owner = $Glovebox::owner;
my ($EINTR, $EAGAIN) = (4, 11);
my $LOCK_EX = 2;
my $LOCK_UN = 8;

sub result {
    my ($name, $value) = @_;
    return send_frame("{\"type\":\"result\",\"name\":$name,\"value\":$value}") if $pipe;
    open my $file, '>>:raw', $ENV{GLOVEBOX_RESULTS} // return or return;
    print {$file} "{\"name\":$name,\"value\":$value}\n";
    return;
}

sub progress {
    my ($fraction, $message) = @_;
    return send_frame("{\"type\":\"progress\",\"fraction\":$fraction,\"message\":$message}");
}

sub warning {
    my ($message) = @_;
    return send_frame("{\"type\":\"warning\",\"message\":$message}");
}

sub error {
    my ($error) = @_;
    return send_frame("{\"type\":\"error\",\"error\":$error}");
}

sub send_frame {
    my ($body) = @_;
    return unless $pipe;
    local ($!, $SIG{PIPE}) = (0, 'IGNORE');
    if ($$ != $owner) {
        open my $own, '>', '/dev/fd/' . fileno $pipe or return;
        ($pipe, $owner) = ($own, $$);
    }
    my $frame = pack 'N/a*', $body;
    flock $pipe, $LOCK_EX;
    for (my $sent = 0; $sent < length $frame;) {
        my $count = syswrite $pipe, $frame, length($frame) - $sent, $sent;
        if (defined $count) { $sent += $count }
        elsif ($! == $EAGAIN) { vec(my $ready = '', fileno $pipe, 1) = 1; select undef, $ready, undef, undef }
        elsif ($! != $EINTR) { undef $pipe; return }
    }
    flock $pipe, $LOCK_UN;
    return;
}

1;
