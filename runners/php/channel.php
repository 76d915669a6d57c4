<?php

namespace Glovebox;

/**
 * The stream of messages to the warden: a length of four bytes, and a JSON object.
 *
 * Descriptor 4 is the pipe. Forked children of the program write to the same one, so a frame is written under a lock,
 * that of the file of inputs, which each process opens for itself. A pipe that breaks stays silent. Where there is no
 * pipe, results alone are kept, in the file that GLOVEBOX_RESULTS names.
 */
final class Channel
{
    private const FILE_TYPE = 0170000;
    private const FIFO = 0010000;

    /** @var resource|null */
    private $pipe = null;

    public function __construct()
    {
        $pipe = @fopen('php://fd/4', 'w');
        if ($pipe !== false && (fstat($pipe)['mode'] & self::FILE_TYPE) === self::FIFO) {
            $this->pipe = $pipe;
        }
        error_clear_last();
    }

    /** Name and value are JSON. */
    public function result(string $name, string $value): void
    {
        if ($this->pipe !== null) {
            $this->send("{\"type\":\"result\",\"name\":$name,\"value\":$value}");
        } elseif (is_string($path = getenv('GLOVEBOX_RESULTS'))) {
            @file_put_contents($path, "{\"name\":$name,\"value\":$value}\n", FILE_APPEND);
        }
    }

    /** Fraction and message are JSON. */
    public function progress(string $fraction, string $message): void
    {
        $this->send("{\"type\":\"progress\",\"fraction\":$fraction,\"message\":$message}");
    }

    /** The message is JSON. */
    public function warn(string $message): void
    {
        $this->send("{\"type\":\"warning\",\"message\":$message}");
    }

    /** The error is JSON. */
    public function error(string $error): void
    {
        $this->send("{\"type\":\"error\",\"error\":$error}");
    }

    private function send(string $body): void
    {
        $lock = @fopen((string) getenv('GLOVEBOX_INPUT'), 'r');
        if ($lock !== false) {
            flock($lock, LOCK_EX);
        }
        $frame = pack('N', strlen($body)) . $body;
        while ($this->pipe !== null && $frame !== '') {
            $count = @fwrite($this->pipe, $frame);
            $frame = substr($frame, (int) $count);
            $this->pipe = $count ? $this->pipe : null;
        }
    }
}
