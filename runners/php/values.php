<?php

namespace Glovebox;

/** The value does not fit into one message. */
final class TooLarge extends \Exception
{
}

/**
 * Values as JSON text.
 *
 * null, bool, string, finite float, int up to 2**53 - 1 in magnitude, arrays and stdClass objects are themselves: a
 * list is an array of JSON, any other array an object. Anything else is replaced, where it stands, by a description
 * {"$type": ..., "repr": ...}. Bytes that are no UTF-8 become U+FFFD.
 */
final class Values
{
    private const MAX_REPR = 2000;
    private const MAX_DEPTH = 64;
    private const MAX_SAFE_INTEGER = 2 ** 53 - 1;
    /** What one message may hold, less room for what stands around the value. */
    private const MAX_BYTES = 8 * 1024 * 1024 - 4096;

    private int $room = self::MAX_BYTES;
    /** @var array<int, true> the objects around the value that is being written */
    private array $path = [];

    /** The JSON of a value and whether it is all of it: what is too large is described as a whole. */
    public static function encode(mixed $value): array
    {
        try {
            return [(new self())->json($value, 0), true];
        } catch (TooLarge) {
            return [self::description($value) . '}', false];
        }
    }

    public static function text(string $text): string
    {
        return json_encode($text, JSON_UNESCAPED_SLASHES | JSON_UNESCAPED_UNICODE | JSON_INVALID_UTF8_SUBSTITUTE);
    }

    /** The first characters of a text. */
    public static function cut(string $text, int $length): string
    {
        if (strlen($text) <= $length) {
            return $text;
        }
        return preg_match("/^.{0,$length}/su", $text, $found) ? $found[0] : substr($text, 0, $length);
    }

    private function json(mixed $value, int $depth): string
    {
        return match (true) {
            is_null($value), is_bool($value) => $this->spend(json_encode($value)),
            is_string($value) => $this->spend(self::text($value)),
            is_int($value) && abs($value) <= self::MAX_SAFE_INTEGER => $this->spend((string) $value),
            is_float($value) && is_finite($value) => $this->spend(json_encode($value)),
            $depth < self::MAX_DEPTH && is_array($value) => $this->array($value, $depth + 1),
            $depth < self::MAX_DEPTH && $this->isPlain($value) => $this->object($value, $depth + 1),
            default => $this->spend(self::description($value) . '}'),
        };
    }

    private function isPlain(mixed $value): bool
    {
        return $value instanceof \stdClass && !isset($this->path[spl_object_id($value)]);
    }

    private function object(\stdClass $value, int $depth): string
    {
        $this->path[spl_object_id($value)] = true;
        $json = $this->members($value, (array) $value, $depth);
        unset($this->path[spl_object_id($value)]);
        return $json;
    }

    private function array(array $value, int $depth): string
    {
        if (!array_is_list($value)) {
            return $this->members($value, $value, $depth);
        }
        $items = [];
        foreach ($value as $item) {
            $this->spend(',');
            $items[] = $this->json($item, $depth);
        }
        return '[' . implode(',', $items) . ']';
    }

    /** A key "$type" marks descriptions, so a value of the program's that has one is described. */
    private function members(array|\stdClass $value, array $members, int $depth): string
    {
        $described = array_key_exists('$type', $members);
        $items = [];
        foreach ($members as $key => $member) {
            $name = $this->spend(self::text((string) $key)) . ($described ? ',' : ':');
            $json = $name . $this->json($member, $described ? $depth + 2 : $depth);
            $items[] = $described ? "[$json]" : $json;
        }
        $inner = implode(',', $items);
        return $described ? $this->spend(self::description($value)) . ",\"items\":[$inner]}" : '{' . $inner . '}';
    }

    /** Takes the length of a piece from the room that is left. */
    private function spend(string $piece): string
    {
        $this->room -= strlen($piece);
        return $this->room < 0 ? throw new TooLarge() : $piece;
    }

    /** The object that stands for a value, without its closing brace. */
    private static function description(mixed $value): string
    {
        try {
            $repr = self::repr($value);
        } catch (\Throwable $error) {
            $repr = '<no text: ' . $error->getMessage() . '>';
        }
        $short = self::cut($repr, self::MAX_REPR - 3);
        $repr = $short === $repr ? $repr : "$short...";
        return '{"$type":' . self::text(self::cut(get_debug_type($value), 500)) . ',"repr":' . self::text($repr);
    }

    private static function repr(mixed $value): string
    {
        return match (true) {
            is_array($value) => 'array(' . count($value) . ')',
            is_object($value) && !$value instanceof \Stringable => print_r($value, true),
            default => (string) $value,
        };
    }
}
