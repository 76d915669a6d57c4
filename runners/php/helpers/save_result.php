<?php

use Glovebox\Job;
use Glovebox\Values;

/**
 * save_result($name, $value) keeps a value as a named result of the run; save_result($value) keeps it as "result".
 * The last one of a name counts.
 */
function save_result(mixed $name, mixed $value = null): void
{
    if (func_num_args() === 1) {
        [$name, $value] = ['result', $name];
    }
    if (!is_string($name)) {
        $problem = 'must be of type string, ' . get_debug_type($name) . ' given';
        throw Glovebox\fault(TypeError::class, "save_result(): Argument #1 (\$name) $problem");
    }
    if (preg_match('/^[^\p{C}\p{Zl}\p{Zp}]{1,200}$/Du', $name) !== 1 || trim($name) === '') {
        $problem = 'must have 1 to 200 printable characters';
        throw Glovebox\fault(ValueError::class, "save_result(): Argument #1 (\$name) $problem");
    }
    [$json, $complete] = Values::encode($value);
    Job::$channel->result(Values::text($name), $json);
    if (!$complete) {
        $warning = "result '$name' is too large for one message; only a description of it was kept";
        Job::$channel->warn(Values::text($warning));
    }
}
