package main

import (
	"reflect"
	"time"
)

// Goroutines that put n numbers in all, each into its own channel.
func putters(n, count uint64, room int) []chan uint64 {
	channels := make([]chan uint64, count)
	for at := range channels {
		channel := make(chan uint64, room)
		channels[at] = channel
		go func() {
			first, end := share(n, count, uint64(at))
			for i := first; i < end; i++ {
				channel <- i
			}
			close(channel)
		}()
	}
	return channels
}

func selectOf8(room int) func(n uint64) outcome {
	return func(n uint64) outcome {
		c := putters(n, 8, room)
		var t tally
		var value uint64
		var ok bool
		for open := 8; open > 0; {
			var from int
			select {
			case value, ok = <-c[0]:
				from = 0
			case value, ok = <-c[1]:
				from = 1
			case value, ok = <-c[2]:
				from = 2
			case value, ok = <-c[3]:
				from = 3
			case value, ok = <-c[4]:
				from = 4
			case value, ok = <-c[5]:
				from = 5
			case value, ok = <-c[6]:
				from = 6
			case value, ok = <-c[7]:
				from = 7
			}
			if ok {
				t.add(value)
			} else {
				c[from] = nil
				open--
			}
		}
		return counted(n, 1, t)
	}
}

func selectOf1000(n uint64) outcome {
	channels := putters(n, 1_000, 0)
	cases := make([]reflect.SelectCase, len(channels))
	for i, channel := range channels {
		cases[i] = reflect.SelectCase{Dir: reflect.SelectRecv, Chan: reflect.ValueOf(channel)}
	}
	var t tally
	for open := len(cases); open > 0; {
		from, value, ok := reflect.Select(cases)
		if ok {
			t.add(value.Uint())
		} else {
			cases[from].Chan = reflect.Value{}
			open--
		}
	}
	return counted(n, 1, t)
}

func selectPuts(n uint64) outcome {
	const most = 16
	sources := putters(n, 4, 0)
	sinks := make([]chan uint64, 4)
	results := make(chan tally, len(sinks))
	for i := range sinks {
		sinks[i] = make(chan uint64)
		go take(sinks[i], results)
	}
	queue := make([]uint64, 0, most)
	for open := 4; open > 0 || len(queue) > 0; {
		// A nil channel is never ready.
		var takes, puts [4]chan uint64
		if len(queue) < most {
			copy(takes[:], sources)
		}
		first := uint64(0)
		if len(queue) > 0 {
			copy(puts[:], sinks)
			first = queue[0]
		}
		from := -1
		var value uint64
		var ok bool
		select {
		case value, ok = <-takes[0]:
			from = 0
		case value, ok = <-takes[1]:
			from = 1
		case value, ok = <-takes[2]:
			from = 2
		case value, ok = <-takes[3]:
			from = 3
		case puts[0] <- first:
		case puts[1] <- first:
		case puts[2] <- first:
		case puts[3] <- first:
		}
		switch {
		case from < 0:
			queue = queue[:copy(queue, queue[1:])]
		case ok:
			queue = append(queue, value)
		default:
			sources[from] = nil
			open--
		}
	}
	var all tally
	for _, sink := range sinks {
		close(sink)
	}
	for range sinks {
		all.plus(<-results)
	}
	return counted(n, 1, all)
}

func takeTimeout(n uint64) outcome {
	channel := make(chan uint64)
	go func() {
		for i := range n {
			channel <- i
		}
		close(channel)
	}()
	var t tally
	for {
		timer := time.NewTimer(time.Second)
		select {
		case value, ok := <-channel:
			timer.Stop()
			if !ok {
				return counted(n, 1, t)
			}
			t.add(value)
		case <-timer.C:
			// A machine that stands still for a second is no error.
		}
	}
}
