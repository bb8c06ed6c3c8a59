//! Random calls, answers, losses, cancels and time, against a sequential model of what is to become of each
//! call, and of what each peer is to be sent.

use std::{
    collections::{BTreeMap, VecDeque},
    time::{Duration, Instant},
};

use csp::{
    Promise,
    prelude::*,
    requests::{CallError, Client, Why},
};

use crate::util::{Line, Outcome, Peer, run, settle};

/// What becomes of a call, and whether it was sent.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Fate {
    Answered,
    Cancelled,
    TimedOut(bool),
    Lost,
    Closed(bool),
}

#[derive(Debug, Clone, Copy)]
struct Call {
    deadline: Option<Instant>,
    sent: bool,
}

/// The client, without concurrency.
struct Model {
    window: usize,
    repeat: bool,
    waiting: BTreeMap<u32, Call>,
    /// `None`: given up, but its answer is to come.
    flight: VecDeque<Option<(u32, Call)>>,
    fates: BTreeMap<u32, Fate>,
    /// What the present peer is to have been sent.
    sent: Vec<u32>,
}

impl Model {
    fn send(&mut self) {
        while self.flight.len() < self.window
            && let Some((n, mut call)) = self.waiting.pop_first()
        {
            call.sent = true;
            self.flight.push_back(Some((n, call)));
            self.sent.push(n);
        }
    }

    fn answer(&mut self) {
        if let Some((n, _)) = self.flight.pop_front().unwrap() {
            self.fates.insert(n, Fate::Answered);
        }
        self.send();
    }

    fn lose(&mut self) {
        for (n, call) in self.flight.drain(..).flatten() {
            if self.repeat {
                self.waiting.insert(n, call);
            } else {
                self.fates.insert(n, Fate::Lost);
            }
        }
        self.sent.clear();
    }

    fn expire(&mut self, now: Instant) {
        let is_over = |call: &Call| call.deadline.is_some_and(|at| at <= now);
        for (n, call) in self.waiting.extract_if(.., |_, call| is_over(call)) {
            self.fates.insert(n, Fate::TimedOut(call.sent));
        }
        for flying in &mut self.flight {
            if let Some((n, _)) = flying.take_if(|(_, call)| is_over(call)) {
                self.fates.insert(n, Fate::TimedOut(true));
            }
        }
    }

    fn cancel(&mut self, n: u32) {
        let waited = self.waiting.remove(&n).is_some();
        let flew = self
            .flight
            .iter_mut()
            .find_map(|flying| flying.take_if(|(m, _)| *m == n))
            .is_some();
        if waited || flew {
            self.fates.insert(n, Fate::Cancelled);
        }
    }

    fn close(&mut self) {
        for (n, call) in std::mem::take(&mut self.waiting) {
            self.fates.insert(n, Fate::Closed(call.sent));
        }
    }
}

struct Random(u64);

impl Random {
    fn below(&mut self, n: u64) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        (self.0 >> 11) % n
    }
}

struct Play {
    random: Random,
    line: Line,
    client: Client<u32, u32>,
    model: Model,
    peer: Option<Peer>,
    /// What the present peer was sent, and how much of it is answered.
    got: Vec<u32>,
    answered: usize,
    calls: u32,
    promises: BTreeMap<u32, Promise<u32, CallError<u32>>>,
}

impl Play {
    fn new(seed: u64) -> Self {
        let mut random = Random(seed | 1);
        let window = [1, 2, 5][usize::try_from(random.below(3)).unwrap()];
        let repeat = random.below(2) == 0;
        let line = Line::new(1000);
        let setup = line.client().pipelined(window).backoff(ms(2), ms(50));
        let setup = if repeat { setup.repeat_lost() } else { setup };
        Self {
            random,
            client: setup.start(),
            line,
            model: Model {
                window,
                repeat,
                waiting: BTreeMap::new(),
                flight: VecDeque::new(),
                fates: BTreeMap::new(),
                sent: Vec::new(),
            },
            peer: None,
            got: Vec::new(),
            answered: 0,
            calls: 0,
            promises: BTreeMap::new(),
        }
    }

    fn call(&mut self) {
        let n = self.calls;
        self.calls += 1;
        // Half a millisecond: nothing else happens at these times.
        let limit = (self.random.below(3) == 0)
            .then(|| ms(self.random.below(100)) + Duration::from_micros(500));
        let promise = match limit {
            Some(limit) => self.client.call_within(n, limit),
            None => self.client.call(n),
        };
        let deadline = limit.map(|limit| csp::now() + limit);
        let sent = false;
        self.model.waiting.insert(n, Call { deadline, sent });
        self.promises.insert(n, promise);
    }

    fn any_call(&mut self) -> Option<u32> {
        let n = self.random.below(u64::from(self.calls.max(1)));
        let n = u32::try_from(n).unwrap();
        self.promises.contains_key(&n).then_some(n)
    }

    async fn step(&mut self) {
        match self.random.below(20) {
            0..8 => {
                for _ in 0..=self.random.below(3) {
                    self.call();
                }
            }
            8..13 => self.answer(),
            13..15 => {
                if let Some(n) = self.any_call() {
                    self.promises[&n].cancel();
                    self.model.cancel(n);
                }
            }
            15 => {
                // It is sent all the same.
                if let Some(n) = self.any_call() {
                    self.promises.remove(&n).unwrap().ignore();
                }
            }
            16..18 => {
                sleep(ms(1 + self.random.below(20))).await;
                self.model.expire(csp::now());
            }
            _ if self.peer.is_some() => {
                self.line
                    .fail_next(u32::try_from(self.random.below(4)).unwrap());
                if self.random.below(2) == 0 {
                    self.client.reset();
                }
                self.peer = None;
                self.model.lose();
                self.connect().await;
            }
            _ => {}
        }
        settle().await;
        if self.peer.is_none() && !self.model.waiting.is_empty() {
            self.connect().await;
        }
        if self.peer.is_some() {
            self.model.send();
        }
        self.check_peer();
    }

    async fn connect(&mut self) {
        self.peer = Some(self.line.peer().await);
        (self.got, self.answered) = (Vec::new(), 0);
        settle().await;
        self.model.expire(csp::now());
    }

    fn answer(&mut self) {
        if let Some(peer) = &self.peer
            && let Some(n) = self.got.get(self.answered)
        {
            peer.tx.try_put(10 * n).unwrap();
            self.answered += 1;
            self.model.answer();
        }
    }

    fn check_peer(&mut self) {
        if let Some(peer) = &self.peer {
            while let Ok(n) = peer.rx.try_take() {
                self.got.push(n);
            }
            assert_eq!(self.got, self.model.sent);
        }
    }

    async fn end(mut self) {
        self.client.close();
        self.model.close();
        settle().await;
        // It does not wait for answers that nobody wants.
        while self.answered < self.got.len() && !self.client.is_closed() {
            self.answer();
            settle().await;
        }
        self.client.closed().await;
        for (n, promise) in self.promises {
            check(n, promise.await, self.model.fates[&n], self.model.repeat);
        }
    }
}

fn check(n: u32, outcome: Outcome, fate: Fate, repeat: bool) {
    let error = match (outcome, fate) {
        (Ok(answer), Fate::Answered) => return assert_eq!(answer, 10 * n),
        (Err(Failure::Cancelled), Fate::Cancelled) => return,
        (Err(Failure::Error(error)), _) => error,
        (outcome, _) => panic!("call {n}: {outcome:?}, and not {fate:?}"),
    };
    let sent = error.was_sent();
    let seen = match error.why() {
        Why::TimedOut { .. } => Fate::TimedOut(sent),
        Why::Lost(_) => Fate::Lost,
        Why::Closed(_) => Fate::Closed(sent),
        other => panic!("call {n}: {other:?}"),
    };
    assert_eq!(seen, fate, "call {n}");
    assert_eq!(error.into_request(), (repeat || !sent).then_some(n));
}

#[test]
fn ev_073_every_call_comes_to_what_the_model_says() {
    let seeds = if cfg!(debug_assertions) { 150 } else { 5000 };
    for seed in 1..=seeds {
        let played = std::panic::catch_unwind(|| {
            run(async move {
                let mut play = Play::new(0x9e37_79b9_7f4a_7c15_u64.wrapping_mul(seed));
                for _ in 0..100 {
                    play.step().await;
                }
                play.end().await;
            });
        });
        assert!(played.is_ok(), "seed {seed}");
    }
}
