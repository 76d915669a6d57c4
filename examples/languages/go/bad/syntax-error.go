// A syntax error: the bracket of line 7 is never closed.
package main

import "fmt"

func main() {
	fmt.Println(3 + 5
}
