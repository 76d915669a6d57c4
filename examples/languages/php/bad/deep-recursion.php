<?php
// Calls itself without end; PHP 8.2 does not count and keeps its calls on the heap, so memory runs out.
function depth(int $level): int
{
    return 1 + depth($level + 1);
}

echo depth(1);
