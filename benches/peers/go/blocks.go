package main

import (
	"math"
	"sync"
	"sync/atomic"
)

const wave = 10_000

func spawnJoin(n uint64) outcome {
	var sum, count atomic.Uint64
	var group sync.WaitGroup
	for first := uint64(0); first < n; first += wave {
		for i := first; i < min(first+wave, n); i++ {
			group.Add(1)
			go func() {
				sum.Add(i)
				count.Add(1)
				group.Done()
			}()
		}
		group.Wait()
	}
	return counted(n, 1, tally{count.Load(), sum.Load()})
}

func pingpong(rounds uint64) outcome {
	ping, pong := make(chan uint64), make(chan uint64)
	go func() {
		for ball := range ping {
			pong <- ball + 1
		}
	}()
	ball := uint64(0)
	for range rounds {
		ping <- ball
		ball = <-pong
	}
	o := of(rounds)
	o.right = ball == rounds
	return o
}

func ring(hops uint64) outcome {
	const members = 503
	start := make(chan uint64)
	seen := make(chan uint64, 1)
	takes := start
	for member := uint64(0); member < members; member++ {
		puts := start
		if member+1 < members {
			puts = make(chan uint64)
		}
		go func(takes <-chan uint64, puts chan<- uint64) {
			for left := range takes {
				if left == 0 {
					seen <- member
					return
				}
				puts <- left - 1
			}
		}(takes, puts)
		takes = puts
	}
	start <- hops
	o := of(hops)
	o.right = <-seen == hops%members
	return o
}

func skynet(most uint64) outcome {
	leaves := uint64(math.Pow10(int(math.Log10(float64(most)) + 1e-9)))
	root := make(chan uint64)
	go node(root, 0, leaves)
	o := of(1)
	o.right = <-root == sumBelow(leaves)
	return o
}

func node(parent chan<- uint64, first, leaves uint64) {
	if leaves == 1 {
		parent <- first
		return
	}
	children := make(chan uint64)
	for child := range uint64(10) {
		go node(children, first+child*leaves/10, leaves/10)
	}
	sum := uint64(0)
	for range 10 {
		sum += <-children
	}
	parent <- sum
}

func sieve(count uint64) outcome {
	numbers := make(chan uint64)
	go func(puts chan<- uint64) {
		for n := uint64(2); ; n++ {
			puts <- n
		}
	}(numbers)
	primes := make([]uint64, 0, count)
	for range count {
		prime := <-numbers
		primes = append(primes, prime)
		filtered := make(chan uint64)
		go func(takes <-chan uint64, puts chan<- uint64) {
			for n := range takes {
				if n%prime != 0 {
					puts <- n
				}
			}
		}(numbers, filtered)
		numbers = filtered
	}
	o := of(1)
	o.right = arePrimes(primes)
	return o
}

func arePrimes(primes []uint64) bool {
	n := uint64(2)
	for _, prime := range primes {
		for !isPrime(n) {
			n++
		}
		if prime != n {
			return false
		}
		n++
	}
	return true
}

func isPrime(n uint64) bool {
	for d := uint64(2); d*d <= n; d++ {
		if n%d == 0 {
			return false
		}
	}
	return true
}

func uneven(n uint64) outcome {
	var sum, count atomic.Uint64
	var group sync.WaitGroup
	for first := uint64(0); first < n; first += wave {
		for i := first; i < min(first+wave, n); i++ {
			group.Add(1)
			go func() {
				work(i)
				sum.Add(i)
				count.Add(1)
				group.Done()
			}()
		}
		group.Wait()
	}
	return counted(n, 1, tally{count.Load(), sum.Load()})
}

var sink atomic.Uint64

func work(n uint64) {
	times := 1
	if n%100 == 0 {
		times = 100
	}
	x := n
	for range times * 300 {
		x = x*6_364_136_223_846_793_005 + 1
	}
	if x == 42 {
		sink.Store(x)
	}
}
