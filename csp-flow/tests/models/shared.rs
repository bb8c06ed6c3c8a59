//! A promise with many readers: callbacks in their order, each once, unless taken back; the same outcome for all.

use std::{
    sync::{Arc, Mutex},
    task::Poll,
};

use csp::{
    Completer, Failure, Local, Shared,
    promise::{Subscription, promise, set_unhandled_hook},
};
use proptest::prelude::*;

use crate::util::{Counted, Ledger, Woken, cases};

const READERS: usize = 3;

#[derive(Debug, Clone, Copy)]
enum Step {
    Fulfill,
    Fail,
    DropCompleter,
    Subscribe,
    /// Takes back one of the callbacks, from the first on.
    Unsubscribe(usize),
    Read(usize),
    Poll(usize),
    DropReader(usize),
    Cancel,
    Idle,
}

fn step() -> impl Strategy<Value = Step> {
    let of = 0..READERS;
    prop_oneof![
        1 => Just(Step::Fulfill),
        1 => Just(Step::Fail),
        1 => Just(Step::DropCompleter),
        6 => Just(Step::Subscribe),
        3 => (0..8_usize).prop_map(Step::Unsubscribe),
        4 => of.clone().prop_map(Step::Read),
        6 => of.clone().prop_map(Step::Poll),
        3 => of.prop_map(Step::DropReader),
        1 => Just(Step::Cancel),
        4 => Just(Step::Idle),
    ]
}

#[derive(Debug, Clone, Copy, PartialEq)]
enum End {
    Value(u32),
    Error(u32),
    Other,
}

fn end<T: std::borrow::Borrow<Counted>>(outcome: Result<T, &Failure<u32>>) -> End {
    match outcome {
        Ok(value) => End::Value(value.borrow().n),
        Err(Failure::Error(error)) => End::Error(*error),
        Err(_) => End::Other,
    }
}

/// A callback, as the model sees it.
#[derive(Debug, Clone, Copy, PartialEq)]
enum Callback {
    Waits,
    TakenBack,
    Ran,
}

struct Reader {
    future: Shared<Counted, u32>,
    woken: Arc<Woken>,
    parked: bool,
    wakes: usize,
}

struct Test {
    ledger: Ledger,
    next: u32,
    completer: Option<Completer<Counted, u32>>,
    shared: Shared<Counted, u32>,
    readers: [Option<Reader>; READERS],
    subscriptions: Vec<Subscription>,
    callbacks: Vec<Callback>,
    /// What ran, in order.
    ran: Arc<Mutex<Vec<(usize, End)>>>,
    expected: Vec<(usize, End)>,
    end: Option<End>,
}

impl Test {
    fn settle(&mut self, end: End) {
        if self.end.is_none() {
            self.end = Some(end);
            for reader in self.readers.iter_mut().flatten() {
                reader.wakes += usize::from(std::mem::take(&mut reader.parked));
            }
        }
    }

    fn step(&mut self, step: Step) {
        match step {
            Step::Fulfill => {
                self.next += 1;
                let value = self.ledger.value(self.next);
                let Some(completer) = &self.completer else {
                    return;
                };
                assert_eq!(completer.fulfill(value).is_ok(), self.end.is_none());
                self.settle(End::Value(self.next));
            }
            Step::Fail => {
                self.next += 1;
                let Some(completer) = &self.completer else {
                    return;
                };
                assert_eq!(completer.fail(self.next).is_ok(), self.end.is_none());
                self.settle(End::Error(self.next));
            }
            Step::DropCompleter => {
                if self.completer.take().is_some() {
                    self.settle(End::Other);
                }
            }
            Step::Subscribe => self.subscribe(),
            Step::Unsubscribe(of) => {
                let Some(subscription) = self.subscriptions.get(of) else {
                    return;
                };
                let waits = self.callbacks[of] == Callback::Waits;
                assert_eq!(subscription.cancel(), waits);
                if waits {
                    self.callbacks[of] = Callback::TakenBack;
                }
            }
            Step::Read(of) => {
                let future = self.shared.clone();
                self.readers[of] = Some(Reader {
                    future,
                    woken: Arc::default(),
                    parked: false,
                    wakes: 0,
                });
            }
            Step::Poll(of) => {
                let Some(reader) = &mut self.readers[of] else {
                    return;
                };
                match reader.woken.poll(&mut reader.future) {
                    Poll::Ready(outcome) => assert_eq!(Some(end(outcome.as_ref())), self.end),
                    Poll::Pending => {
                        assert_eq!(self.end, None);
                        reader.parked = true;
                    }
                }
            }
            Step::DropReader(of) => drop(self.readers[of].take()),
            Step::Cancel => {
                assert_eq!(self.shared.cancel(), self.end.is_none());
                self.settle(End::Other);
            }
            Step::Idle => unreachable!("it needs the executor"),
        }
    }

    fn subscribe(&mut self) {
        let number = self.subscriptions.len();
        let (ok, err) = (Arc::clone(&self.ran), Arc::clone(&self.ran));
        self.subscriptions.push(self.shared.subscribe(
            move |value| ok.lock().unwrap().push((number, end(Ok(value)))),
            move |failure| {
                err.lock()
                    .unwrap()
                    .push((number, end::<Counted>(Err(failure))));
            },
        ));
        self.callbacks.push(Callback::Waits);
    }

    /// Everything that can run has run.
    fn idle(&mut self) {
        let Some(end) = self.end else { return };
        for (number, callback) in self.callbacks.iter_mut().enumerate() {
            if *callback == Callback::Waits {
                *callback = Callback::Ran;
                self.expected.push((number, end));
            }
        }
    }

    fn check(&self, step: Step) {
        assert_eq!(*self.ran.lock().unwrap(), self.expected, "{step:?}");
        for reader in self.readers.iter().flatten() {
            assert_eq!(reader.woken.times(), reader.wakes, "{step:?}");
        }
    }
}

fn run(steps: &[Step]) {
    let local = Local::virtual_time();
    let ledger = Ledger::default();
    let (resolver, answer) = promise();
    let mut test = Test {
        ledger: ledger.clone(),
        next: 0,
        completer: Some(resolver.into_completer()),
        shared: answer.shared(),
        readers: Default::default(),
        subscriptions: Vec::new(),
        callbacks: Vec::new(),
        ran: Arc::default(),
        expected: Vec::new(),
        end: None,
    };
    for step in steps {
        if let Step::Idle = step {
            local.run_until_idle();
            test.idle();
        } else {
            local.run_until(async { test.step(*step) });
        }
        test.check(*step);
    }
    // With the last handles, callbacks that still wait are let go of by an outcome: the completer's end.
    local.run_until(async { drop(test.completer.take()) });
    local.run_until_idle();
    local.run_until(async { drop(test) });
    local.run_until_idle();
    assert_eq!((ledger.live(), local.live()), (0, 0));
}

proptest! {
    #![proptest_config(cases(400))]

    /// Subscribe, take back, await, drop, settle and cancel in any order.
    #[test]
    fn a_shared_promise_does_what_the_model_does(steps in prop::collection::vec(step(), 1..60)) {
        set_unhandled_hook(|_| ());
        run(&steps);
    }
}
