<?php

// Gives a program its helpers. PHP runs this file before the program (auto_prepend_file), in the global scope: what it
// leaves there beside the helpers is in the namespace Glovebox.

namespace Glovebox;

require __DIR__ . '/channel.php';
require __DIR__ . '/fault.php';
require __DIR__ . '/files.php';
require __DIR__ . '/values.php';

/** What the helpers share. */
final class Job
{
    public static Channel $channel;
    public static string $workspace;
}

/** What the request gives to the program. Half of a surrogate pair, which PHP refuses, stands for no character. */
function read_input(string $path): array
{
    $text = file_get_contents($path);
    $input = json_decode($text, true);
    if (json_last_error() === JSON_ERROR_UTF16) {
        $whole = '\\\\u[dD][89abAB]..\\\\u[dD][c-fC-F]..|\\\\[^u]|\\\\u(?![dD][89a-fA-F])';
        $text = preg_replace("/(?:$whole)(*SKIP)(*FAIL)|\\\\u[dD].../", '\ufffd', $text);
        $input = json_decode($text, true, flags: JSON_THROW_ON_ERROR);
    }
    return $input;
}

/**
 * The names of the functions that the program declares itself. PHP refuses to declare a function twice, so a helper
 * of the same name has to stay away. A function with a modifier is a method.
 */
function declared_by_program(array $files): array
{
    $pattern = '/(?:\b(public|protected|private|static|abstract|final)\s+)*\bfunction\s+&?\s*(\w+)\s*\(/i';
    $names = [];
    foreach (array_filter($files, 'is_file') as $file) {
        preg_match_all($pattern, file_get_contents($file), $found, PREG_SET_ORDER);
        foreach ($found as [, $modifier, $name]) {
            if ($modifier === '') {
                $names[] = strtolower($name);
            }
        }
    }
    return $names;
}

/**
 * Has the error that ends the program told by the first function that PHP calls when it is over. Where the program has
 * errors printed makes no difference then, and no handler of the program's is replaced. Where memory is out nothing
 * can be told here; the host reads that from stderr.
 */
function tell_of_the_end(Channel $channel, string $workspace): void
{
    $owner = getmypid();
    register_shutdown_function(static function () use ($channel, $workspace, $owner): void {
        $last = error_get_last();
        $fatal = E_ERROR | E_PARSE | E_CORE_ERROR | E_COMPILE_ERROR | E_USER_ERROR | E_RECOVERABLE_ERROR;
        if ($last === null || ($last['type'] & $fatal) === 0 || getmypid() !== $owner) {
            return;
        }
        if (preg_match('/^(?:Out of memory|Allowed memory size)/', $last['message']) === 0) {
            require __DIR__ . '/uncaught.php';
            $channel->error(Uncaught::json($last, "$workspace/"));
        }
    });
}

(static function (): void {
    $path = getenv('GLOVEBOX_INPUT');
    $input = is_string($path) && is_file($path) ? read_input($path) : [];
    Job::$channel = new Channel();
    Job::$workspace = $input['workspace'] ?? (getenv('WORKSPACE') ?: '/workspace');
    tell_of_the_end(Job::$channel, Job::$workspace);
    $GLOBALS['parameters'] = $input['parameters'] ?? [];
    $GLOBALS['input_data'] = $input['data'] ?? null;

    $files = array_map(fn(string $name): string => Job::$workspace . "/$name", $input['uploadedFiles'] ?? []);
    $programs = array_filter($files, fn(string $file): bool => preg_match('/\.(php|inc)$/i', $file) === 1);
    $own = declared_by_program([$_SERVER['SCRIPT_FILENAME'], ...$programs]);
    foreach (array_diff(['save_result', 'load_file', 'save_file', 'report_progress'], $own) as $helper) {
        require __DIR__ . "/helpers/$helper.php";
    }
})();
