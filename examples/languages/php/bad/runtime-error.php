<?php
// An uncaught exception in a function, line 5, that the top level calls.
function average(array $readings): float
{
    return array_sum($readings) / count($readings);
}

echo average([]);
