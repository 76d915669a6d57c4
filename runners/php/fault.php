<?php

namespace Glovebox;

/** An error as PHP's own functions raise them: it stands in the line of the program that called the helper. */
function fault(string $class, string $message): \Throwable
{
    $error = new $class($message);
    $trace = $error->getTrace();
    while (str_starts_with($trace[0]['file'] ?? '', __DIR__ . '/')) {
        array_shift($trace);
    }
    $place = current(array_filter($trace, fn(array $frame): bool => isset($frame['file'])));
    $base = $error instanceof \Error ? \Error::class : \Exception::class;
    foreach (['trace' => $trace, 'file' => $place['file'], 'line' => $place['line']] as $name => $value) {
        (new \ReflectionProperty($base, $name))->setValue($error, $value);
    }
    return $error;
}
