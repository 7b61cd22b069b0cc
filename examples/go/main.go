// A server that finishes its requests in flight on SIGTERM, and exits with 0. abrupt/main.go is the same without a handler.
package main

import (
	"context"
	"fmt"
	"log"
	"net/http"
	"os"
	"os/signal"
	"syscall"
	"time"
)

// answer says hello; /slow takes SLOW_SECONDS.
func answer(w http.ResponseWriter, r *http.Request) {
	if r.URL.Path == "/slow" {
		fmt.Println("busy")
		seconds, err := time.ParseDuration(env("SLOW_SECONDS", "1") + "s")
		if err != nil {
			log.Fatal(err)
		}
		time.Sleep(seconds)
	}
	fmt.Fprintln(w, "hello")
}

func env(name, otherwise string) string {
	if value := os.Getenv(name); value != "" {
		return value
	}
	return otherwise
}

func main() {
	server := &http.Server{Addr: ":" + env("PORT", "8080"), Handler: http.HandlerFunc(answer)}
	stop, cancel := signal.NotifyContext(context.Background(), syscall.SIGTERM)
	defer cancel()
	drained := make(chan struct{})
	go func() {
		<-stop.Done()
		server.Shutdown(context.Background())
		close(drained)
	}()
	if err := server.ListenAndServe(); err != http.ErrServerClosed {
		log.Fatal(err)
	}
	// ListenAndServe returns when Shutdown begins, not when it has ended.
	<-drained
}
