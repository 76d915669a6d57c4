// A panic in a function, line 8, that main calls.
package main

import "fmt"

//go:noinline
func first(readings []int) int {
	return readings[0]
}

func main() {
	fmt.Println(first(nil))
}
