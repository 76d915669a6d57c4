// A program of several files: the other one holds a function that this one calls.
package main

import "fmt"

func main() {
	fmt.Println("twice 21 is", twice(21))
}
