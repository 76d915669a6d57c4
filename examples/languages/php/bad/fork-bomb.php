<?php
// Forks without end, and no child ends; the uncaught exception ends it when the kernel refuses one.
while (true) {
    $child = @pcntl_fork();
    if ($child === -1) {
        throw new RuntimeException('fork: ' . pcntl_strerror(pcntl_get_last_error()));
    }
    if ($child === 0) {
        sleep(1000);
        exit;
    }
}
