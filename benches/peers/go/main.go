// The workloads of csp-peers in Go: "list" prints what there is, "run WORKLOAD NAME SHRINK" runs one and prints
// what it took, as one line of JSON.
package main

import (
	"fmt"
	"os"
	"runtime"
	"strconv"
)

// A workload gets its size, and gives what it did with it.
type workload struct {
	name string
	size uint64
	run  func(n uint64) outcome
}

var workloads = []workload{
	{"spawn_join", 1_000_000, spawnJoin},
	{"pingpong", 1_000_000, pingpong},
	{"ring", 2_000_000, ring},
	{"spsc_1024", 5_000_000, stream(1, 1, 1024)},
	{"spsc_1", 1_000_000, stream(1, 1, 1)},
	{"spsc_0", 1_000_000, stream(1, 1, 0)},
	{"mpsc_1024", 4_000_000, stream(8, 1, 1024)},
	{"mpmc_1024", 4_000_000, stream(8, 8, 1024)},
	{"mpmc_0", 1_000_000, stream(8, 8, 0)},
	{"select_8", 1_000_000, selectOf8(0)},
	{"select_8_buf", 1_000_000, selectOf8(128)},
	{"select_puts", 1_000_000, selectPuts},
	{"select_1000", 200_000, selectOf1000},
	{"skynet", 1_000_000, skynet},
	{"sieve", 1_500, sieve},
	{"pipeline_10", 1_000_000, pipeline},
	{"broadcast_64", 50_000, broadcast},
	{"parked_1m", 1_000_000, parked},
	{"cancel_1m", 1_000_000, cancelOwn},
	{"cancel_1m_shared", 1_000_000, cancelShared},
	{"timers_1m", 1_000_000, timers(false)},
	{"timers_1m_together", 1_000_000, timers(true)},
	{"take_timeout", 1_000_000, takeTimeout},
	{"timeouts_churn", 4_000_000, churn},
	{"uneven", 1_000_000, uneven},
	{"latency", 15_000, latency},
}

func main() {
	switch {
	case len(os.Args) == 2 && os.Args[1] == "list":
		fmt.Printf("# %s, GOMAXPROCS=%d\n", runtime.Version(), runtime.GOMAXPROCS(0))
		for _, w := range workloads {
			fmt.Printf("%s\tGo\tpeer\n", w.name)
		}
	case len(os.Args) == 5 && os.Args[1] == "run":
		shrink, err := strconv.ParseUint(os.Args[4], 10, 64)
		if err != nil || shrink == 0 {
			shrink = 1
		}
		for _, w := range workloads {
			if w.name == os.Args[2] {
				measure(w.run, max(w.size/shrink, 100))
				return
			}
		}
		fmt.Fprintf(os.Stderr, "there is no %s\n", os.Args[2])
		os.Exit(1)
	case len(os.Args) == 2 && os.Args[1] == "spin":
		spin()
	default:
		fmt.Fprintln(os.Stderr, "usage: csp-peers-go list | run WORKLOAD NAME SHRINK")
		os.Exit(1)
	}
}
