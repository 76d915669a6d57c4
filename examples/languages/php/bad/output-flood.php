<?php
// Prints without end.
while (true) {
    echo str_repeat('x', 79), "\n";
}
