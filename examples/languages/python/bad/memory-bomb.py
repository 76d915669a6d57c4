# Takes 16 MiB after 16 MiB and writes on all of it; MemoryError ends it where memory is refused.
blocks = []
while True:
    blocks.append(b"x" * (16 << 20))
