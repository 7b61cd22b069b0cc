// A server that follows an in-place resize of its pod. It reads the events socket of k8s-run (--events), which tells the new limits, and
// sets what GOMEMLIMIT and GOMAXPROCS of --resource-env have set at the start.
package main

import (
	"bufio"
	"context"
	"encoding/json"
	"fmt"
	"log"
	"math"
	"net"
	"net/http"
	"os"
	"os/signal"
	"runtime"
	"runtime/debug"
	"syscall"
)

const mib = 1 << 20

// ownMemory is what k8s-run reserves for itself, and goShare the part of the rest that is for the heap, as --resource-env has it.
const (
	ownMemory = 24 * mib
	goShare   = 0.9
)

// event is a line of the events socket. A limit is null where there is none.
type event struct {
	Event            string   `json:"event"`
	MemoryLimitBytes *int64   `json:"memoryLimitBytes"`
	CPULimitCores    *float64 `json:"cpuLimitCores"`
}

func resized(e event) {
	memory := int64(math.MaxInt64)
	if e.MemoryLimitBytes != nil && *e.MemoryLimitBytes > 2*ownMemory {
		memory = int64(goShare * float64(*e.MemoryLimitBytes-ownMemory))
	}
	debug.SetMemoryLimit(memory)
	processors := runtime.NumCPU()
	if e.CPULimitCores != nil {
		processors = int(math.Max(2, math.Ceil(*e.CPULimitCores)))
	}
	runtime.GOMAXPROCS(processors)
}

func tellLimits() {
	// A negative limit changes nothing, and 0 processors neither.
	fmt.Printf("memory %d MiB, processors %d\n", debug.SetMemoryLimit(-1)/mib, runtime.GOMAXPROCS(0))
}

// follow ends with the socket, which ends with k8s-run.
func follow(address string) {
	socket, err := net.Dial("unix", address)
	if err != nil {
		log.Print(err)
		return
	}
	defer socket.Close()
	for lines := bufio.NewScanner(socket); lines.Scan(); {
		var e event
		if json.Unmarshal(lines.Bytes(), &e) == nil && e.Event == "resized" {
			resized(e)
			tellLimits()
		}
	}
}

func main() {
	tellLimits()
	if address := os.Getenv("K8S_RUN_EVENTS"); address != "" {
		go follow(address)
	}
	port := os.Getenv("PORT")
	if port == "" {
		port = "8080"
	}
	server := &http.Server{Addr: ":" + port, Handler: http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		fmt.Fprintln(w, "hello")
	})}
	stop, cancel := signal.NotifyContext(context.Background(), syscall.SIGTERM)
	defer cancel()
	done := make(chan struct{})
	go func() {
		<-stop.Done()
		server.Shutdown(context.Background())
		close(done)
	}()
	if err := server.ListenAndServe(); err != http.ErrServerClosed {
		log.Fatal(err)
	}
	<-done
}
