<?php
// A program of several files: the other one holds a function that this one calls.
require __DIR__ . "/tools/twice.php";

echo "twice 21 is ", twice(21), "\n";
