package main

import (
	"context"
	"sync/atomic"
	"time"
)

func waitUntil(counter *atomic.Uint64, goal uint64) {
	for counter.Load() < goal {
		time.Sleep(time.Millisecond)
	}
}

func parked(n uint64) outcome {
	var begun, ended, sum atomic.Uint64
	channels := make([]chan uint64, 0, n)
	before, clock := resident(), now()
	for range n {
		channel := make(chan uint64)
		channels = append(channels, channel)
		go func() {
			begun.Add(1)
			sum.Add(<-channel)
			ended.Add(1)
		}()
	}
	waitUntil(&begun, n)
	create := clock.elapsed()
	bytes := (resident() - before) / float64(n)
	clock = now()
	for i, channel := range channels {
		channel <- uint64(i)
	}
	waitUntil(&ended, n)
	wake := clock.elapsed()
	o := of(n)
	o.right = sum.Load() == sumBelow(n)
	o.extra = []figure{
		{"bytes_per_block", bytes},
		{"create_cpu_ms", milliseconds(create.cpu)},
		{"create_ms", milliseconds(create.wall)},
		{"wake_cpu_ms", milliseconds(wake.cpu)},
		{"wake_ms", milliseconds(wake.wall)},
	}
	return o
}

// Go cancels by a context that is selected over.
func cancelOwn(n uint64) outcome {
	return cancelled(n, func() chan uint64 { return make(chan uint64) })
}

func cancelShared(n uint64) outcome {
	channel := make(chan uint64)
	return cancelled(n, func() chan uint64 { return channel })
}

func cancelled(n uint64, channel func() chan uint64) outcome {
	var begun, ended atomic.Uint64
	cancels := make([]context.CancelFunc, n)
	for i := range cancels {
		ctx, cancel := context.WithCancel(context.Background())
		cancels[i] = cancel
		channel := channel()
		go func() {
			begun.Add(1)
			select {
			case <-channel:
			case <-ctx.Done():
			}
			ended.Add(1)
		}()
	}
	waitUntil(&begun, n)
	time.Sleep(50 * time.Millisecond)
	random := uint64(0x9E3779B97F4A7C15)
	for at := len(cancels) - 1; at > 0; at-- {
		random ^= random << 13
		random ^= random >> 7
		random ^= random << 17
		other := random % uint64(at+1)
		cancels[at], cancels[other] = cancels[other], cancels[at]
	}
	early := ended.Load()
	clock := now()
	for _, cancel := range cancels {
		cancel()
	}
	waitUntil(&ended, n)
	t := clock.elapsed()
	o := of(n)
	o.taken = &t
	o.right = early == 0
	return o
}
