# Takes 16 MiB after 16 MiB and writes on all of it; NoMemoryError ends it where memory is refused.
blocks = []
loop { blocks << "x" * (16 << 20) }
