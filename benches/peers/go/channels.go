package main

import "sync"

func stream(putters, takers uint64, room int) func(n uint64) outcome {
	return func(n uint64) outcome {
		channel := make(chan uint64, room)
		var putting sync.WaitGroup
		for at := range putters {
			putting.Add(1)
			go func() {
				first, end := share(n, putters, at)
				for i := first; i < end; i++ {
					channel <- i
				}
				putting.Done()
			}()
		}
		results := make(chan tally, takers)
		for range takers {
			go take(channel, results)
		}
		putting.Wait()
		close(channel)
		var all tally
		for range takers {
			all.plus(<-results)
		}
		return counted(n, 1, all)
	}
}

// Adds up what comes.
func take(channel <-chan uint64, results chan<- tally) {
	var t tally
	for n := range channel {
		t.add(n)
	}
	results <- t
}

func pipeline(n uint64) outcome {
	const stages, room = 10, 16
	numbers := make(chan uint64, room)
	go func(puts chan<- uint64) {
		for i := range n {
			puts <- i
		}
		close(puts)
	}(numbers)
	for range stages {
		next := make(chan uint64, room)
		go func(takes <-chan uint64, puts chan<- uint64) {
			for n := range takes {
				puts <- n + 1
			}
			close(puts)
		}(numbers, next)
		numbers = next
	}
	var t tally
	for n := range numbers {
		t.add(n)
	}
	t.sum -= stages * n
	return counted(n, 1, t)
}

func broadcast(n uint64) outcome {
	const subscribers, room = 64, 16
	channels := make([]chan uint64, subscribers)
	results := make(chan tally, subscribers)
	for i := range channels {
		channels[i] = make(chan uint64, room)
		go take(channels[i], results)
	}
	for i := range n {
		for _, channel := range channels {
			channel <- i
		}
	}
	for _, channel := range channels {
		close(channel)
	}
	var all tally
	for range subscribers {
		all.plus(<-results)
	}
	return counted(n, subscribers, all)
}
