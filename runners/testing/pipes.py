"""Reading several pipes at once."""
import os
import selectors

_PATIENCE_SECONDS = 120


def drain(readers, collected, what):
    """Reads descriptors, {name: descriptor}, to their ends, closes them, and adds what they give to `collected`."""
    with selectors.DefaultSelector() as selector:
        for name, reader in readers.items():
            selector.register(reader, selectors.EVENT_READ, name)
        while readers:
            ready = selector.select(_PATIENCE_SECONDS)
            if not ready:
                raise AssertionError(f"nothing came from {what} for {_PATIENCE_SECONDS} s, and it has not ended")
            for key, _ in ready:
                part = os.read(key.fd, 1 << 16)
                collected[key.data] += part
                if not part:
                    selector.unregister(key.fd)
                    os.close(readers.pop(key.data))
