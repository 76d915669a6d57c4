// Takes 16 MiB after 16 MiB and writes on all of it; the runtime ends it where memory is refused.
package main

import "bytes"

func main() {
	var blocks [][]byte
	for {
		blocks = append(blocks, bytes.Repeat([]byte("x"), 16<<20))
	}
}
