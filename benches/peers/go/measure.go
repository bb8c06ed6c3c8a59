package main

import (
	"fmt"
	"os"
	"strconv"
	"strings"
	"syscall"
	"time"
)

// What a workload tells of itself.
type outcome struct {
	operations uint64
	lost       uint64
	right      bool
	// If not the time of all that was done.
	taken *taken
	extra []figure
}

type figure struct {
	name  string
	value float64
}

func of(operations uint64) outcome {
	return outcome{operations: operations, right: true}
}

// The outcome of one that has n numbers, from 0 on, sent and counted; copies times each.
func counted(n, copies uint64, t tally) outcome {
	expected := n * copies
	lost := uint64(0)
	if t.count < expected {
		lost = expected - t.count
	}
	right := t.count == expected && t.sum == sumBelow(n)*copies
	return outcome{operations: expected, lost: lost, right: right}
}

type tally struct {
	count, sum uint64
}

func (t *tally) add(n uint64) {
	t.count++
	t.sum += n
}

func (t *tally) plus(other tally) {
	t.count += other.count
	t.sum += other.sum
}

func sumBelow(n uint64) uint64 {
	return n * (n - 1) / 2
}

// The numbers from 0 to n, dealt out to players: the part of player at.
func share(n, players, at uint64) (uint64, uint64) {
	return n * at / players, n * (at + 1) / players
}

// CPU time, of system and user, and time.
type taken struct {
	cpu, wall time.Duration
}

type clocks struct {
	cpu  time.Duration
	wall time.Time
}

func now() clocks {
	var usage syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &usage); err != nil {
		panic(err)
	}
	cpu := time.Duration(usage.Utime.Nano() + usage.Stime.Nano())
	return clocks{cpu, time.Now()}
}

func (c clocks) elapsed() taken {
	n := now()
	return taken{n.cpu - c.cpu, n.wall.Sub(c.wall)}
}

// A line of /proc/self/status, in bytes.
func status(key string) float64 {
	text, err := os.ReadFile("/proc/self/status")
	if err != nil {
		panic(err)
	}
	for _, line := range strings.Split(string(text), "\n") {
		if rest, ok := strings.CutPrefix(line, key); ok {
			kib, _ := strconv.ParseFloat(strings.TrimSuffix(strings.TrimSpace(rest), " kB"), 64)
			return kib * 1024
		}
	}
	return 0
}

func resident() float64 {
	return status("VmRSS:")
}

func measure(run func(n uint64) outcome, n uint64) {
	begun := now()
	o := run(n)
	t := begun.elapsed()
	if o.taken != nil {
		t = *o.taken
	}
	fmt.Printf(`{"operations":%d,"cpu_ns":%d,"wall_ns":%d,"peak_rss":%.0f,"lost":%d,"right":%t`,
		o.operations, t.cpu.Nanoseconds(), t.wall.Nanoseconds(), status("VmHWM:"), o.lost, o.right)
	for _, f := range o.extra {
		fmt.Printf(`,"%s":%.3f`, f.name, f.value)
	}
	fmt.Println("}")
}

func milliseconds(d time.Duration) float64 {
	return float64(d.Nanoseconds()) / 1e6
}
