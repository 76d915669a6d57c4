// Reads the file of the request's parameters and data, and adds lines of JSON to the file of results.
package main

import (
	"encoding/json"
	"fmt"
	"log"
	"os"
)

type request struct {
	Parameters struct {
		Factor int `json:"factor"`
	} `json:"parameters"`
	Data struct {
		Station  string `json:"station"`
		Readings []int  `json:"readings"`
	} `json:"data"`
}

type result struct {
	Name  string `json:"name"`
	Value any    `json:"value"`
}

func main() {
	text, err := os.ReadFile(os.Getenv("GLOVEBOX_INPUT"))
	if err != nil {
		log.Fatal(err)
	}
	var input request
	if err := json.Unmarshal(text, &input); err != nil {
		log.Fatal(err)
	}

	total, largest := 0, 0
	for _, reading := range input.Data.Readings {
		scaled := input.Parameters.Factor * reading
		total += scaled
		if scaled > largest {
			largest = scaled
		}
	}
	fmt.Printf("%s: %d\n", input.Data.Station, total)

	file, err := os.OpenFile(os.Getenv("GLOVEBOX_RESULTS"), os.O_APPEND|os.O_WRONLY, 0)
	if err != nil {
		log.Fatal(err)
	}
	defer file.Close()
	results := json.NewEncoder(file)
	for _, one := range []result{{"station", input.Data.Station}, {"total", total}, {"largest", largest}} {
		if err := results.Encode(one); err != nil {
			log.Fatal(err)
		}
	}
}
