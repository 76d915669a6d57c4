<?php

namespace Glovebox;

/** Reading and writing files by their extension. Throws \JsonException for what is not JSON. */
final class Files
{
    private const READABLE = JSON_UNESCAPED_SLASHES | JSON_UNESCAPED_UNICODE | JSON_PRESERVE_ZERO_FRACTION;

    /** The content: rows, the value of JSON, a list of values, or text. */
    public static function load(string $path): mixed
    {
        return match (self::extension($path)) {
            'csv' => self::rows($path, ','),
            'tsv' => self::rows($path, "\t"),
            'json' => self::value(self::withoutMark($path)),
            'jsonl' => array_map(self::value(...), self::lines(self::withoutMark($path))),
            default => file_get_contents($path),
        };
    }

    /** Writes text, or an array or object as JSON, making the folders on the way. */
    public static function save(string $path, string|array|object $content): bool
    {
        $extension = self::extension($path);
        $folder = dirname($path);
        if (!is_string($content)) {
            $content = $extension === 'jsonl' && is_array($content) && array_is_list($content)
                ? implode('', array_map(fn(mixed $item): string => self::json($item, 0), $content))
                : self::json($content, JSON_PRETTY_PRINT);
        }
        return (is_dir($folder) || @mkdir($folder, recursive: true)) && @file_put_contents($path, $content) !== false;
    }

    public static function extension(string $path): string
    {
        return strtolower(pathinfo($path, PATHINFO_EXTENSION));
    }

    /** The path below the folder that a name means, without "." and ".."; null if it is not below it. */
    public static function below(string $folder, string $name): ?string
    {
        $steps = [];
        foreach (explode('/', str_starts_with($name, '/') ? $name : "$folder/$name") as $step) {
            if ($step === '..') {
                array_pop($steps);
            } elseif ($step !== '' && $step !== '.') {
                $steps[] = $step;
            }
        }
        $path = '/' . implode('/', $steps);
        return str_starts_with($path, "$folder/") ? $path : null;
    }

    private static function json(mixed $value, int $flags): string
    {
        return json_encode($value, self::READABLE | JSON_THROW_ON_ERROR | $flags) . "\n";
    }

    private static function value(string $text): mixed
    {
        return json_decode($text, true, flags: JSON_THROW_ON_ERROR);
    }

    private static function lines(string $text): array
    {
        return array_values(array_filter(explode("\n", $text), fn(string $line): bool => trim($line) !== ''));
    }

    private static function withoutMark(string $path): string
    {
        return preg_replace('/^\xEF\xBB\xBF/', '', file_get_contents($path));
    }

    /** The rows of a table with a header, by the names of its columns; cells without a column are under ''. */
    private static function rows(string $path, string $separator): array
    {
        $file = fopen($path, 'r');
        if (fread($file, 3) !== "\xEF\xBB\xBF") {
            rewind($file);
        }
        $header = null;
        $rows = [];
        while (($cells = fgetcsv($file, null, $separator, '"', '')) !== false) {
            if ($cells === [null]) {
                continue;
            }
            if ($header === null) {
                $header = $cells;
                continue;
            }
            $width = count($header);
            $row = array_combine($header, array_pad(array_slice($cells, 0, $width), $width, null));
            if (count($cells) > $width) {
                $row[''] = array_slice($cells, $width);
            }
            $rows[] = $row;
        }
        fclose($file);
        return $rows;
    }
}
