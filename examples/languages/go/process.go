// What a program is given and what it leaves: arguments, environment, folder, input, two outputs, exit status.
package main

import (
	"bufio"
	"fmt"
	"os"
	"strings"
	"time"
)

func main() {
	folder, err := os.Getwd()
	if err != nil {
		panic(err)
	}
	line, _ := bufio.NewReader(os.Stdin).ReadString('\n')
	fmt.Printf("%s\n%s\n%s\n%s", strings.Join(os.Args[1:], "|"), os.Getenv("GREETING"), folder, line)
	fmt.Fprintln(os.Stderr, "to stderr")
	time.Sleep(300 * time.Millisecond)
	fmt.Println("end")
	os.Exit(7)
}
