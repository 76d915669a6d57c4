<?php
// Uses CPU time and never ends.
$count = 0;
while (true) {
    $count++;
}
