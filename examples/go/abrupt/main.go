// A server without a handler for SIGTERM: the signal ends it at once, with the requests in flight.
package main

import (
	"fmt"
	"log"
	"net/http"
	"os"
	"time"
)

func main() {
	seconds, err := time.ParseDuration(os.Getenv("SLOW_SECONDS") + "s")
	if err != nil {
		seconds = time.Second
	}
	answer := func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path == "/slow" {
			fmt.Println("busy")
			time.Sleep(seconds)
		}
		fmt.Fprintln(w, "hello")
	}
	log.Fatal(http.ListenAndServe(":"+os.Getenv("PORT"), http.HandlerFunc(answer)))
}
