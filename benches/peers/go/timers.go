package main

import (
	"slices"
	"sync"
	"sync/atomic"
	"time"
)

func timers(together bool) func(n uint64) outcome {
	return func(n uint64) outcome {
		late := make([]time.Duration, n)
		random := uint64(0x9E3779B97F4A7C15)
		ready := make(chan struct{})
		var start time.Time
		var group sync.WaitGroup
		group.Add(int(n))
		for i := range late {
			random ^= random << 13
			random ^= random >> 7
			random ^= random << 17
			nap := time.Duration(1+random%1000) * time.Millisecond
			go func() {
				defer group.Done()
				due := time.Now().Add(nap)
				if together {
					<-ready
					due = start.Add(nap)
				}
				time.Sleep(time.Until(due))
				late[i] = time.Since(due)
			}()
		}
		start = time.Now()
		close(ready)
		group.Wait()
		slices.Sort(late)
		at := func(permille int) float64 {
			return milliseconds(late[(len(late)-1)*permille/1000])
		}
		o := of(n)
		o.right = late[0] >= 0
		o.extra = []figure{{"late_p50_ms", at(500)}, {"late_p99_ms", at(990)}}
		return o
	}
}

func churn(n uint64) outcome {
	const beat, timeouts, messages = 10 * time.Millisecond, 1_000, 20_000
	beats := (n + messages - 1) / messages
	start := time.Now()
	channel := make(chan uint64, 1024)
	until := func(at uint64) {
		time.Sleep(time.Until(start.Add(time.Duration(at) * beat)))
	}
	go func() {
		for at := range beats {
			for i := at * messages; i < (at+1)*messages; i++ {
				channel <- i
			}
			until(at + 1)
		}
		close(channel)
	}()
	go func() {
		for at := range beats {
			for range timeouts {
				timer := time.NewTimer(time.Second)
				select {
				case <-timer.C:
					panic("a second has not passed")
				default:
				}
				timer.Stop()
			}
			until(at + 1)
		}
	}()
	var t tally
	for i := range channel {
		t.add(i)
	}
	return counted(beats*messages, 1, t)
}

func latency(n uint64) outcome {
	const clients, servers, room = 16, 4, 16
	each := n / clients
	var stop atomic.Bool
	hog := startHog()
	busy := make(chan uint64, 1024)
	go func() {
		for i := uint64(0); !stop.Load(); i++ {
			busy <- i
		}
		close(busy)
	}()
	go func() {
		for range busy {
		}
	}()
	var answers [clients]chan uint64
	for i := range answers {
		answers[i] = make(chan uint64, 1)
	}
	var asks [servers]chan uint64
	for i := range asks {
		asks[i] = make(chan uint64, room)
		go func() {
			for client := range asks[i] {
				answers[client] <- client
			}
		}()
	}
	type times struct{ asked, due time.Duration }
	results := make(chan []times, clients)
	for client := range uint64(clients) {
		go func() {
			var waited []times
			for ask := range each {
				random := (client*1_000_003 + ask) * 0x9E3779B97F4A7C15 >> 33
				pause := time.Duration(1+random%5) * time.Millisecond
				due := time.Now().Add(pause)
				time.Sleep(pause)
				asked := time.Now()
				asks[client%servers] <- client
				<-answers[client]
				waited = append(waited, times{time.Since(asked), time.Since(due)})
			}
			results <- waited
		}()
	}
	var waited []times
	for range clients {
		waited = append(waited, <-results...)
	}
	stop.Store(true)
	hog()
	us := func(which func(times) time.Duration, permille int) float64 {
		all := make([]time.Duration, len(waited))
		for i, w := range waited {
			all[i] = which(w)
		}
		slices.Sort(all)
		return float64(all[(len(all)-1)*permille/1000].Nanoseconds()) / 1e3
	}
	asked := func(w times) time.Duration { return w.asked }
	due := func(w times) time.Duration { return w.due }
	o := of(each * clients)
	o.right = uint64(len(waited)) == each*clients
	o.extra = []figure{
		{"p50_us", us(asked, 500)},
		{"p99_us", us(asked, 990)},
		{"p99.9_us", us(asked, 999)},
		{"from_due_p50_us", us(due, 500)},
		{"from_due_p99_us", us(due, 990)},
		{"from_due_p99.9_us", us(due, 999)},
	}
	return o
}
