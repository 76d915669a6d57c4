// Calls itself without end; a goroutine's stack may grow to 1 GB, so a lower limit of memory comes first.
package main

import "fmt"

func depth(level int) int {
	return 1 + depth(level+1)
}

func main() {
	fmt.Println(depth(1))
}
