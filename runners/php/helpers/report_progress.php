<?php

use Glovebox\Job;
use Glovebox\Values;

/** Says how far the program is: 0 to 1, or a percentage above 1 up to 100, or null; with a message to show. */
function report_progress(mixed $fraction, mixed $message = null): void
{
    if ($fraction !== null && !is_int($fraction) && !is_float($fraction)) {
        $problem = 'must be of type int|float|null, ' . get_debug_type($fraction) . ' given';
        throw Glovebox\fault(TypeError::class, "report_progress(): Argument #1 (\$fraction) $problem");
    }
    if ($fraction !== null && !($fraction >= 0 && $fraction <= 100)) {
        $problem = "must be from 0 to 1, or a percentage up to 100, $fraction given";
        throw Glovebox\fault(ValueError::class, "report_progress(): Argument #1 (\$fraction) $problem");
    }
    $fraction = json_encode($fraction > 1 ? $fraction / 100 : $fraction);
    $message = $message === null ? 'null' : Values::text(Values::cut((string) $message, 4000));
    Job::$channel->progress($fraction, $message);
}
