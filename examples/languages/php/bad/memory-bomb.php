<?php
// Takes 16 MiB after 16 MiB and writes on all of it; a fatal error ends it where memory is refused.
$blocks = [];
while (true) {
    $blocks[] = str_repeat('x', 16 << 20);
}
