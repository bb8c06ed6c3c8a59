package main

import (
	"io"
	"os"
	"os/exec"
	"time"
)

// Starts a process that takes a CPU for itself; gives what ends it.
func startHog() func() {
	program, err := os.Executable()
	if err != nil {
		panic(err)
	}
	hog := exec.Command(program, "spin")
	stdin, err := hog.StdinPipe()
	if err != nil {
		panic(err)
	}
	if err := hog.Start(); err != nil {
		panic(err)
	}
	return func() {
		stdin.Close()
		hog.Wait()
	}
}

// What the hog does: spins until whoever started it is gone.
func spin() {
	go func() {
		io.Copy(io.Discard, os.Stdin)
		os.Exit(0)
	}()
	x := uint64(0)
	for begun := time.Now(); time.Since(begun) < 2*time.Minute; {
		for range 1_000_000 {
			x = x*6_364_136_223_846_793_005 + 1
		}
	}
	sink.Store(x)
}
