//! One promise: settled, claimed, cancelled, awaited, let go of, in any order.

use std::{
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    task::Poll,
};

use csp::{
    Completer, Failure, Local, Outcome, Promise,
    promise::{Claim, promise, set_unhandled_hook},
};
use proptest::prelude::*;

use crate::util::{Counted, Ledger, Woken, cases};

const SETTLERS: usize = 3;

#[derive(Debug, Clone, Copy)]
enum Step {
    Fulfill(usize),
    Fail(usize),
    Claim(usize),
    ClaimFulfill,
    ClaimDrop,
    Clone(usize, usize),
    DropSettler(usize),
    OnCancel(usize),
    Unwanted(usize),
    Cancel,
    Poll,
    DropPromise,
    /// The blocks run until nothing is due: cancellers among them.
    Idle,
}

fn step() -> impl Strategy<Value = Step> {
    let of = 0..SETTLERS;
    prop_oneof![
        3 => of.clone().prop_map(Step::Fulfill),
        1 => of.clone().prop_map(Step::Fail),
        4 => of.clone().prop_map(Step::Claim),
        2 => Just(Step::ClaimFulfill),
        3 => Just(Step::ClaimDrop),
        3 => (of.clone(), of.clone()).prop_map(|(from, to)| Step::Clone(from, to)),
        4 => of.clone().prop_map(Step::DropSettler),
        4 => of.clone().prop_map(Step::OnCancel),
        3 => of.prop_map(Step::Unwanted),
        2 => Just(Step::Cancel),
        6 => Just(Step::Poll),
        1 => Just(Step::DropPromise),
        3 => Just(Step::Idle),
    ]
}

/// What a promise comes to.
#[derive(Debug, Clone, Copy, PartialEq)]
enum End {
    Value(u32),
    Error(u32),
    Cancelled,
    Abandoned,
}

fn end(outcome: Outcome<Counted, u32>) -> End {
    match outcome {
        Ok(value) => End::Value(value.n),
        Err(Failure::Error(error)) => End::Error(error),
        Err(Failure::Cancelled) => End::Cancelled,
        Err(Failure::Abandoned) => End::Abandoned,
        Err(other) => panic!("{other}"),
    }
}

/// The state machine.
#[derive(Debug)]
#[expect(
    clippy::struct_excessive_bools,
    reason = "each is a question of its own"
)]
struct Model {
    end: Option<End>,
    claimed: bool,
    cancelled: bool,
    /// The reader is here, and has parked.
    reader: bool,
    parked: bool,
    wakes: usize,
    /// Cancellers that wait for a cancel, and those whose blocks are due.
    cancellers: usize,
    due: usize,
    ran: usize,
    /// A cancel is over when its cancellers have run.
    cancelling: bool,
}

impl Model {
    fn is_open(&self) -> bool {
        self.end.is_none() && !self.claimed
    }

    fn is_wanted(&self) -> bool {
        self.is_open() && self.reader && !self.cancelled
    }

    /// True if the settler's outcome is accepted.
    fn settle(&mut self, end: End, by_claim: bool) -> bool {
        let open = self.end.is_none() && self.claimed == by_claim && self.reader;
        if open {
            self.store(end);
        }
        open
    }

    fn store(&mut self, end: End) {
        self.end = Some(end);
        self.cancellers = 0;
        self.wakes += usize::from(std::mem::take(&mut self.parked));
    }

    fn abandon(&mut self) {
        if self.is_open() && self.reader {
            let end = if self.cancelled {
                End::Cancelled
            } else {
                End::Abandoned
            };
            self.store(end);
        }
    }

    fn cancel(&mut self) -> bool {
        if !self.is_open() {
            return false;
        }
        if self.cancelled {
            return true;
        }
        self.cancelled = true;
        self.due += std::mem::take(&mut self.cancellers);
        if self.due == 0 {
            self.store(End::Cancelled);
        } else {
            self.cancelling = true;
        }
        true
    }

    fn idle(&mut self) {
        self.ran += std::mem::take(&mut self.due);
        if std::mem::take(&mut self.cancelling) && self.is_open() {
            self.store(End::Cancelled);
        }
    }
}

struct Test {
    model: Model,
    ledger: Ledger,
    next: u32,
    settlers: [Option<Completer<Counted, u32>>; SETTLERS],
    claim: Option<Claim<Counted, u32>>,
    promise: Option<Promise<Counted, u32>>,
    taken: bool,
    woken: Arc<Woken>,
    ran: Arc<AtomicUsize>,
}

impl Test {
    fn value(&mut self) -> Counted {
        self.next += 1;
        self.ledger.value(self.next)
    }

    fn step(&mut self, step: Step) {
        match step {
            Step::Fulfill(of) => {
                let value = self.value();
                let n = value.n;
                let Some(settler) = &self.settlers[of] else {
                    return;
                };
                let accepted = settler
                    .fulfill(value)
                    .map_err(|back| assert_eq!(back.n, n))
                    .is_ok();
                assert_eq!(accepted, self.model.settle(End::Value(n), false));
            }
            Step::Fail(of) => {
                self.next += 1;
                let Some(settler) = &self.settlers[of] else {
                    return;
                };
                let accepted = settler.fail(self.next).is_ok();
                assert_eq!(accepted, self.model.settle(End::Error(self.next), false));
            }
            Step::Claim(of) => {
                let Some(settler) = &self.settlers[of] else {
                    return;
                };
                let claim = settler.claim();
                assert_eq!(claim.is_some(), self.model.is_wanted());
                if let Some(claim) = claim {
                    self.model.claimed = true;
                    assert!(self.claim.replace(claim).is_none());
                }
            }
            Step::ClaimFulfill => {
                let value = self.value();
                let n = value.n;
                let Some(claim) = self.claim.take() else {
                    return;
                };
                let accepted = claim
                    .fulfill(value)
                    .map_err(|back| assert_eq!(back.n, n))
                    .is_ok();
                assert_eq!(accepted, self.model.settle(End::Value(n), true));
                self.claim_is_gone();
            }
            Step::ClaimDrop => {
                if self.claim.take().is_some() {
                    self.claim_is_gone();
                }
            }
            Step::Clone(from, to) => {
                if from != to {
                    let clone = self.settlers[from].clone();
                    drop(std::mem::replace(&mut self.settlers[to], clone));
                    self.perhaps_abandoned();
                }
            }
            Step::DropSettler(of) => {
                drop(self.settlers[of].take());
                self.perhaps_abandoned();
            }
            Step::OnCancel(of) => self.on_cancel(of),
            Step::Unwanted(of) => {
                let Some(settler) = &self.settlers[of] else {
                    return;
                };
                assert_eq!(settler.is_wanted(), self.model.is_wanted());
                let waiter = Arc::<Woken>::default();
                let mut unwanted = Box::pin(settler.unwanted());
                assert_eq!(
                    waiter.poll(&mut unwanted).is_pending(),
                    self.model.is_wanted()
                );
            }
            Step::Cancel => {
                let Some(promise) = self.promise.as_ref().filter(|_| !self.taken) else {
                    return;
                };
                assert_eq!(promise.cancel(), self.model.cancel());
            }
            Step::Poll => self.poll(),
            Step::DropPromise => {
                drop(self.promise.take());
                self.model.reader = false;
                self.model.parked = false;
                self.model.cancellers = 0;
            }
            Step::Idle => unreachable!("it needs the executor"),
        }
    }

    fn claim_is_gone(&mut self) {
        self.model.claimed = false;
        self.perhaps_abandoned();
    }

    /// When the last settler goes; a claim keeps one.
    fn perhaps_abandoned(&mut self) {
        if self.settlers.iter().all(Option::is_none) && self.claim.is_none() {
            self.model.abandon();
        }
    }

    fn on_cancel(&mut self, of: usize) {
        let Some(settler) = &self.settlers[of] else {
            return;
        };
        let ran = Arc::clone(&self.ran);
        settler.on_cancel(move || {
            ran.fetch_add(1, Ordering::SeqCst);
        });
        if self.model.cancelled {
            self.model.due += 1;
        } else if self.model.is_wanted() {
            self.model.cancellers += 1;
        }
    }

    fn poll(&mut self) {
        let Some(promise) = self.promise.as_mut().filter(|_| !self.taken) else {
            return;
        };
        match self.woken.poll(promise) {
            Poll::Ready(outcome) => {
                assert_eq!(Some(end(outcome)), self.model.end);
                self.taken = true;
            }
            Poll::Pending => {
                assert_eq!(self.model.end, None);
                self.model.parked = true;
            }
        }
    }

    fn check(&self, step: Step) {
        let seen = (self.ran.load(Ordering::SeqCst), self.woken.times());
        assert_eq!(
            seen,
            (self.model.ran, self.model.wakes),
            "{step:?}: {:?}",
            self.model
        );
        if let Some(promise) = self.promise.as_ref().filter(|_| !self.taken) {
            assert_eq!(promise.is_settled(), self.model.end.is_some());
            assert_eq!(
                promise.is_cancelled(),
                self.model.end == Some(End::Cancelled)
            );
        }
        // A value lives only in a settled promise.
        let holds =
            matches!(self.model.end, Some(End::Value(_))) && self.model.reader && !self.taken;
        assert_eq!(
            self.ledger.live(),
            usize::from(holds),
            "{step:?}: {:?}",
            self.model
        );
    }
}

fn run(steps: &[Step]) {
    let local = Local::virtual_time();
    let ledger = Ledger::default();
    let (resolver, promise) = promise();
    let mut test = Test {
        model: Model {
            end: None,
            claimed: false,
            cancelled: false,
            reader: true,
            parked: false,
            wakes: 0,
            cancellers: 0,
            due: 0,
            ran: 0,
            cancelling: false,
        },
        ledger: ledger.clone(),
        next: 0,
        settlers: [Some(resolver.into_completer()), None, None],
        claim: None,
        promise: Some(promise),
        taken: false,
        woken: Arc::default(),
        ran: Arc::default(),
    };
    for step in steps {
        if let Step::Idle = step {
            local.run_until_idle();
            test.model.idle();
        } else {
            local.run_until(async { test.step(*step) });
        }
        test.check(*step);
    }
    local.run_until(async { drop(test) });
    local.run_until_idle();
    assert_eq!((ledger.live(), local.live()), (0, 0));
}

proptest! {
    #![proptest_config(cases(600))]

    /// Settle, claim, cancel, await and drop in any order.
    #[test]
    fn a_promise_does_what_the_state_machine_does(steps in prop::collection::vec(step(), 1..60)) {
        set_unhandled_hook(|_| ());
        run(&steps);
    }
}
