// Uses CPU time and never ends.
package main

func main() {
	count := 0
	for {
		count++
	}
}
