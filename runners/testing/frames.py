"""The messages of a program: each is its length in four bytes, big-endian, and JSON."""
import json

_EXIT_STATUS = b"\xff\xff\xff\xff"  # in place of a length: the status follows in one byte, and nothing after it


def next_message(stream):
    """The first message of a stream and what follows it; None until all of it is there."""
    end = 4 + int.from_bytes(stream[:4], "big")
    return (json.loads(stream[4:end]), stream[end:]) if 4 < end <= len(stream) else None


def read_frames(stream):
    """All messages of a stream, and the exit status that closes it, None if it does not."""
    messages = []
    while stream:
        if stream[:4] == _EXIT_STATUS:
            if len(stream) != 5:
                raise AssertionError(f"one byte must follow the mark of an exit status, not {stream[4:]!r}")
            return messages, stream[4]
        found = next_message(stream)
        if found is None:
            raise AssertionError(f"the last frame is cut: {stream[:200]!r}")
        message, stream = found
        messages.append(message)
    return messages, None
