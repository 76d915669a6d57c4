<?php

use Glovebox\Files;
use Glovebox\Job;

/**
 * Writes text, or an array or object as JSON, to a file below the workspace, making folders on the way.
 * Returns its path.
 */
function save_file(mixed $name, mixed $content): string
{
    if (!is_string($name)) {
        $problem = 'must be of type string, ' . get_debug_type($name) . ' given';
        throw Glovebox\fault(TypeError::class, "save_file(): Argument #1 (\$name) $problem");
    }
    $path = Files::below(Job::$workspace, $name);
    if ($path === null) {
        $problem = 'must stay below the workspace ' . Job::$workspace . ", '$name' given";
        throw Glovebox\fault(ValueError::class, "save_file(): Argument #1 (\$name) $problem");
    }
    $isTable = in_array(Files::extension($path), ['csv', 'tsv'], true);
    if (!is_string($content) && ($isTable || !is_array($content) && !is_object($content))) {
        $problem = 'must be of type ' . ($isTable ? 'string' : 'string|array|object') . ', ' . get_debug_type($content);
        throw Glovebox\fault(TypeError::class, "save_file(): Argument #2 (\$content) $problem given");
    }
    try {
        $saved = Files::save($path, $content);
    } catch (JsonException $error) {
        $problem = "cannot be written as JSON: {$error->getMessage()}";
        throw Glovebox\fault(ValueError::class, "save_file(): Argument #2 (\$content) $problem");
    }
    return $saved ? $path : throw Glovebox\fault(RuntimeException::class, "save_file(): $path cannot be written");
}
