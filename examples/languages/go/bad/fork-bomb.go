// Starts processes without end, and none ends; a panic ends it when the kernel refuses one.
package main

import "os/exec"

func main() {
	for {
		if err := exec.Command("sleep", "1000").Start(); err != nil {
			panic(err)
		}
	}
}
