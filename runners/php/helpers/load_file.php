<?php

use Glovebox\Files;
use Glovebox\Job;

/** The content of a file by its extension: csv and tsv as rows, json and jsonl as values, anything else as text. */
function load_file(mixed $name): mixed
{
    if (!is_string($name)) {
        $problem = 'must be of type string, ' . get_debug_type($name) . ' given';
        throw Glovebox\fault(TypeError::class, "load_file(): Argument #1 (\$name) $problem");
    }
    $path = str_starts_with($name, '/') ? $name : Job::$workspace . "/$name";
    if (!is_file($path)) {
        throw Glovebox\fault(RuntimeException::class, "load_file(): there is no file $path");
    }
    try {
        return Files::load($path);
    } catch (JsonException $error) {
        throw Glovebox\fault(JsonException::class, "load_file(): $path is not JSON: {$error->getMessage()}");
    }
}
