//! Chaos: a worker that decides by dice what it would decide for speed.
//!
//! Everything that it does is allowed: no program may rely on which task comes next, how long a turn is,
//! or when a worker falls asleep. What is rare on a quiet machine is frequent here.
//!
//! * A woken task goes behind the others, or where any worker finds it, instead of into the hand-off slot.
//! * The order of looking changes: the injector first, or the deque before the slot.
//! * What was taken from the injector or another's deque is shuffled.
//! * A turn ends after fewer operations: after none at times.
//! * Workers stop for a moment: before a turn, before they enter the list of sleepers, between that and
//!   their last look at the queues, before they lie down, and after they have got up.
//!
//! The dice repeat for a seed and a worker. What the system's scheduler does with the threads does not, so
//! a seed makes a failure likely again, not certain.

use std::time::Duration;

use crossbeam_deque::Worker as Deque;
use csp_core::{Task, context};

use crate::sync::thread;

/// What a turn may do when it is not to end soon: csp-core's own limit.
const LONG: u32 = 128;

/// Where a woken task goes.
pub(super) enum Post {
    HandOff,
    Last,
    Inject,
}

/// The dice of one worker.
#[derive(Debug)]
pub(super) struct Chaos(u64);

impl Chaos {
    pub(super) fn new(seed: u64, worker: usize) -> Self {
        let worker = u64::try_from(worker).unwrap_or(0) + 1;
        // (Spread, so that neighbouring seeds have nothing in common; xorshift must not begin at 0.)
        let mut state = seed ^ worker.wrapping_mul(0x9E37_79B9_7F4A_7C15);
        state = (state ^ (state >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        state = (state ^ (state >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        Self(state | 1)
    }

    /// A number below `bound`.
    pub(super) fn below(&mut self, bound: u64) -> u64 {
        self.0 ^= self.0 >> 12;
        self.0 ^= self.0 << 25;
        self.0 ^= self.0 >> 27;
        (self.0.wrapping_mul(0x2545_F491_4F6C_DD1D) >> 32) % bound
    }

    /// Any number.
    pub(super) fn number(&mut self) -> u64 {
        self.below(1 << 32) << 32 | self.below(1 << 32)
    }

    /// Dice of their own, which go on from another number.
    pub(super) fn split(&mut self) -> Self {
        Self(self.number() | 1)
    }

    fn one_in(&mut self, bound: u64) -> bool {
        self.below(bound) == 0
    }

    pub(super) fn post(&mut self) -> Post {
        match self.below(8) {
            0..4 => Post::HandOff,
            4..6 => Post::Last,
            _ => Post::Inject,
        }
    }

    /// Begins a turn of the worker. True: it is to look at the injector and the clock first.
    #[cold]
    pub(super) fn begin_turn(&mut self) -> bool {
        let operations = match self.below(8) {
            0 => 0,
            1..5 => u32::try_from(self.below(8)).unwrap_or(0),
            _ => LONG,
        };
        context::limit_turns(operations);
        if self.one_in(256) {
            self.pause();
        }
        self.one_in(8)
    }

    /// True: the hand-off slot is to wait until the deque is empty.
    pub(super) fn prefers_deque(&mut self) -> bool {
        self.one_in(4)
    }

    /// True: other workers are asked before the injector.
    pub(super) fn prefers_others(&mut self) -> bool {
        self.one_in(2)
    }

    /// Shuffles what the worker has just taken. (Others may steal from the deque meanwhile.)
    pub(super) fn shuffle(&mut self, first: Task, deque: &Deque<Task>) -> Task {
        let mut tasks = vec![first];
        tasks.extend(std::iter::from_fn(|| deque.pop()));
        for at in (1..tasks.len()).rev() {
            let other = self.below(at as u64 + 1);
            tasks.swap(at, usize::try_from(other).unwrap_or(at));
        }
        let next = tasks.pop().expect("it has `first`");
        for task in tasks {
            deque.push(task);
        }
        next
    }

    /// Lets other threads go on, at times.
    pub(super) fn maybe_pause(&mut self) {
        if self.one_in(4) {
            self.pause();
        }
    }

    fn pause(&mut self) {
        match self.below(4) {
            0 => thread::sleep(Duration::from_micros(self.below(200))),
            _ => (0..=self.below(8)).for_each(|_| thread::yield_now()),
        }
    }
}
