<?php

namespace Glovebox;

/**
 * The error that ended a program, for the record, from what PHP itself noted as the last error: an exception is there
 * as the text that PHP prints, with its place beside it.
 */
final class Uncaught
{
    private const MAX_FRAMES = 100;
    private const MAX_TEXT = 64 * 1024;

    /** The JSON of an error that error_get_last() tells of. `home`: the workspace, with a slash. */
    public static function json(array $last, string $home): string
    {
        ['type' => $kind, 'message' => $text, 'file' => $file, 'line' => $line] = $last;
        [$type, $message, $trace] = [$kind === E_PARSE ? 'ParseError' : 'FatalError', $text, "#0 {main}"];
        if (str_starts_with($text, 'Uncaught ')) {
            [$type, $message, $trace] = self::exception(substr($text, strlen('Uncaught ')), " in $file:$line\n");
        }
        $frames = self::frames($trace, $file, $line, $home);
        $printed = ($kind === E_PARSE ? 'PHP Parse' : 'PHP Fatal') . " error:  $text in $file on line $line";
        return '{"type":' . Values::text(Values::cut($type, 1000)) . ',"message":' . Values::text($message)
            . ',"traceback":' . Values::text(Values::cut($printed, self::MAX_TEXT)) . ',"frames":['
            . implode(',', array_map(self::frame(...), $frames)) . '],"line":'
            . json_encode($frames === [] ? null : end($frames)['line']) . '}';
    }

    /** Class, message and trace of an exception as PHP prints it: behind those that it was thrown for. */
    private static function exception(string $text, string $place): array
    {
        $start = strrpos($text, "{$place}Stack trace:\n");
        if ($start === false) {
            return ['Exception', substr($text, 0, self::MAX_TEXT), '']; // a class with a text of its own
        }
        $head = substr($text, 0, $start);
        if (preg_match_all('/^#\d+ \{main\}\n\nNext /m', $head, $found, PREG_OFFSET_CAPTURE) > 0) {
            [$before, $offset] = end($found[0]);
            $head = substr($head, $offset + strlen($before));
        }
        [$type, $message] = explode(': ', $head, 2) + [1 => ''];
        if (preg_match('/, called in \S.* on line \d+ and defined$/', $message) === 1) {
            $message = substr($message, 0, -strlen(' and defined'));
        }
        [$type] = explode("\0", $type, 2); // behind it is where a class without a name is
        return [$type, substr($message, 0, self::MAX_TEXT), substr($text, $start)];
    }

    /**
     * The frames in files of the program, innermost last. A line of the trace names a function and where it was called,
     * which is in the function of the next line.
     */
    private static function frames(string $trace, string $file, int|string $line, string $home): array
    {
        $call = '/^#\d+ (?:(?:(\/.*?)\((\d+)\)|\[internal function\]): )?([^\s(]+)/m';
        preg_match_all($call, $trace, $calls, PREG_SET_ORDER);
        while ($calls !== [] && self::isForeign($calls[0][3])) {
            array_shift($calls); // its error stands where the program called it
        }
        $frames = [];
        foreach ($calls as [, $next, $nextLine, $function]) {
            // Code of an eval() stands in the line that has it.
            while (preg_match('/^(.*)\((\d+)\) : eval\(\)\'d code$/', $file, $found) === 1) {
                [, $file, $line] = $found;
            }
            if (str_starts_with($file, $home) && count($frames) < self::MAX_FRAMES) {
                $frames[] = ['file' => substr($file, strlen($home)), 'line' => (int) $line, 'function' => $function];
            }
            [$file, $line] = [$next, $nextLine];
        }
        foreach ($frames as &$frame) {
            $lines = @file($home . $frame['file']) ?: [];
            $frame['source'] = isset($lines[$frame['line'] - 1]) ? trim($lines[$frame['line'] - 1]) : null;
        }
        return array_reverse($frames);
    }

    /** Whether a function, as a trace names it, is PHP's own or a helper. */
    private static function isForeign(string $name): bool
    {
        try {
            $method = preg_split('/->|::/', $name, 2);
            $function = isset($method[1]) ? new \ReflectionMethod(...$method) : new \ReflectionFunction($name);
        } catch (\ReflectionException) {
            return false;
        }
        return $function->isInternal() || str_starts_with($function->getFileName(), __DIR__ . '/');
    }

    private static function frame(array $frame): string
    {
        $source = $frame['source'] === null ? 'null' : Values::text($frame['source']);
        return '{"file":' . Values::text($frame['file']) . ',"line":' . $frame['line'] . ',"function":'
            . Values::text($frame['function']) . ',"source":' . $source . '}';
    }
}
