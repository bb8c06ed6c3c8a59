//! The go block behind a hub.
//!
//! # Rounds
//! A round has a list of subscribers and taps, and lasts until that changes. In it a value is taken, offered to
//! all of them, and waited for; so the fan keeps what it has allocated, and the close of one subscriber is
//! watched once, not at each park. It takes only while that subscriber is there. When it leaves, the next
//! round looks for another.
//!
//! # A value that nobody wants
//! A value is delivered when a subscriber has accepted it. If all of them leave while it is on its way, it is
//! held, and goes to the next one who comes; taps that have it are set aside until then, so that they do not
//! get it twice.

use std::{
    collections::VecDeque, convert::Infallible, future::pending, iter, pin::pin, time::Duration,
};

use csp_core::{Cause, Receiver, Sender, TryTakeError};
use csp_sched::{deadline, now, yield_now};

use super::{HubOptions, Shared, subs::Sub, subs::Subs};
use crate::{
    block::PUTS_A_TURN,
    fan::{Fan, First, first},
    ops::outlet::{Outlet, take},
    sync::Arc,
};

pub(super) struct Block<T> {
    subs: Subs<T>,
    joins: Receiver<Sub<T>>,
    /// There are handles.
    open: bool,
    phase: Phase,
    /// There was a subscriber.
    had: bool,
    /// There were enough.
    begun: bool,
    options: HubOptions,
    replay: VecDeque<T>,
    held: Option<T>,
    puts: usize,
    shared: Arc<Shared<T>>,
    end: Sender<Infallible>,
    cause: Option<Cause>,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Phase {
    On,
    /// The source has ended.
    Ended,
    /// The last subscriber has left, and the hub ends with that.
    Over,
}

enum Next<T> {
    Value(T),
    Changed,
    End,
}

/// What a round or a wait ends with.
enum Then<T> {
    GoOn,
    /// Somebody has left.
    Sweep,
    /// No subscriber has this value; the taps that are left have it.
    Hold(Option<T>),
    End,
}

impl<T> Block<T> {
    pub(super) fn new(
        joins: Receiver<Sub<T>>,
        options: HubOptions,
        shared: Arc<Shared<T>>,
        end: Sender<Infallible>,
        cancelled: Cause,
    ) -> Self {
        Self {
            subs: Subs::new(),
            joins,
            open: true,
            phase: Phase::On,
            had: false,
            begun: false,
            options,
            replay: VecDeque::new(),
            held: None,
            puts: 0,
            shared,
            end,
            cause: Some(cancelled),
        }
    }

    /// Nothing more comes, perhaps for a reason.
    pub(super) fn end_with(mut self, cause: Option<Cause>) {
        self.cause = cause;
    }

    /// Nothing more is taken. What has been put is given back, unless others take it.
    pub(super) fn let_go(&mut self, source: &Receiver<T>) {
        // If we have the only receiver, nobody can make another.
        if source.receiver_count() == 1 {
            source.close();
            let mut left: Vec<_> = self.held.take().into_iter().collect();
            left.extend(iter::from_fn(|| source.try_take().ok()));
            self.shared.leave(left);
        }
    }

    fn join(&mut self, sub: Option<Sub<T>>) {
        match sub {
            Some(sub) => self.subs.coming.push_back(sub),
            // The last handle is gone.
            None => self.open = false,
        }
    }

    /// Looks whether somebody has come. True if so.
    fn look(&mut self) -> bool {
        let mut changed = false;
        // Those who come meanwhile are for the next look: it has to end.
        for _ in 0..self.joins.len().max(1) {
            if !self.open {
                break;
            }
            match self.joins.try_take() {
                Ok(sub) => self.join(Some(sub)),
                Err(TryTakeError::Closed) => self.join(None),
                Err(TryTakeError::Empty) => break,
            }
            changed = true;
        }
        changed
    }

    /// True if a value may go out to those who are there now.
    fn is_wanted(&mut self) -> bool {
        let begins = self.begun || !self.open;
        let needed = if begins {
            1
        } else {
            self.options.begin_with.max(1)
        };
        let enough = self.subs.are_wanting(needed);
        self.begun |= enough;
        enough
    }
}

impl<T: Clone> Block<T> {
    pub(super) async fn run(&mut self, source: &Receiver<T>) {
        while self.phase != Phase::Over {
            self.look();
            if self.held.is_none() && self.subs.has_served() {
                self.subs.bring_back();
            }
            self.welcome(source).await;
            if self.phase == Phase::Over {
                return;
            }
            let is_wanted = self.is_wanted();
            self.subs.tidy();
            self.shared.count(self.subs.count());
            let then = if is_wanted {
                self.round(source).await
            } else {
                self.unwanted(source).await
            };
            match then {
                Then::GoOn => {}
                Then::Sweep => self.subs.forget_closed(),
                Then::Hold(value) => {
                    self.held = value;
                    self.subs.set_aside();
                }
                Then::End => return,
            }
        }
    }

    /// Gives those who have come what is replayed, one after the other, before they get a new value.
    async fn welcome(&mut self, source: &Receiver<T>) {
        while let Some(sub) = self.subs.coming.pop_front() {
            self.subs.add(sub.clone());
            self.had |= sub.counts;
            let sub = [sub];
            let mut fan = Fan::new();
            for at in 0..self.replay.len() {
                fan.offer([&sub[0].tx], self.replay[at].clone());
                self.settle(&mut fan, &sub, source).await;
                if fan.refused() > 0 {
                    break;
                }
                self.breathe(1).await;
            }
        }
    }

    /// Nobody, or not enough, is there for a value.
    async fn unwanted(&mut self, source: &Receiver<T>) -> Then<T> {
        let early = self.subs.wanting().map(|at| self.subs.due()[at].clone());
        let last_has_left = early.is_none() && self.had && self.options.close_on_last;
        if !self.open || last_has_left {
            return Then::End;
        }
        // Those who are there are to learn when the source ends. There is no other way than to take.
        let looks = self.held.is_none() && !self.subs.is_empty();
        let end = async {
            if looks {
                source.take().await
            } else {
                pending().await
            }
        };
        let left = async {
            match &early {
                Some(sub) => sub.tx.closed().await,
                None => pending().await,
            }
        };
        match first(first(self.joins.take(), left), end).await {
            First::A(First::A(sub)) => self.join(sub),
            First::A(First::B(())) => {}
            First::B(None) => return Then::End,
            First::B(value) => self.held = value,
        }
        Then::GoOn
    }

    async fn round(&mut self, source: &Receiver<T>) -> Then<T> {
        let Some(watched) = self.subs.wanting() else {
            return Then::GoOn;
        };
        let (subscribers, _taps) = self.subs.count();
        let subs = self.subs.due();
        let watched = &subs[watched];
        let closed = pin!(watched.tx.closed());
        let mut outlet = Outlet::new(&watched.tx, closed);
        let mut fan = Fan::new();
        loop {
            // For one that is held it has been looked who has come.
            let value = match self.held.take() {
                Some(value) => value,
                None => match self.next(&mut outlet, source).await {
                    Next::Value(value) => value,
                    Next::Changed => return Then::GoOn,
                    Next::End => return Then::End,
                },
            };
            let kept = (self.options.replay > 0).then(|| value.clone());
            fan.offer(subs.iter().map(|sub| &sub.tx), value);
            let changed = self.settle(&mut fan, &subs, source).await;
            let refused = fan.refused_at().iter().filter(|&&at| subs[at].counts);
            if refused.count() == subscribers {
                return Then::Hold(fan.take_returned());
            }
            self.delivered(kept);
            if fan.refused() > 0 {
                return Then::Sweep;
            }
            if changed || self.subs.has_served() {
                return Then::GoOn;
            }
            self.breathe(subs.len() + 1).await;
        }
    }

    async fn next(&mut self, outlet: &mut Outlet<'_, '_, T>, source: &Receiver<T>) -> Next<T> {
        let taken = if self.open {
            match first(take(outlet, source), self.joins.take()).await {
                First::A(taken) => taken,
                First::B(sub) => {
                    self.join(sub);
                    return Next::Changed;
                }
            }
        } else {
            take(outlet, source).await
        };
        match taken {
            // Whoever came before it was put is to have it. (The look comes after the take: who comes and
            // goes without end must not keep it from others.)
            Some(Some(value)) if self.look() => {
                self.held = Some(value);
                Next::Changed
            }
            Some(Some(value)) => Next::Value(value),
            // Whoever came before is to have what is replayed.
            Some(None) if self.phase == Phase::On && self.look() => {
                self.phase = Phase::Ended;
                Next::Changed
            }
            Some(None) => Next::End,
            None => Next::Changed,
        }
    }

    /// Waits until everybody has the value, has left, or was cut off. True if somebody has come meanwhile.
    async fn settle(
        &mut self,
        fan: &mut Fan<'_, T>,
        subs: &[Sub<T>],
        source: &Receiver<T>,
    ) -> bool {
        let mut changed = false;
        let mut since = None;
        while fan.is_waiting() {
            let keeper = self.keeper(source);
            let left = async {
                match &keeper {
                    Some(sub) => sub.tx.closed().await,
                    None => pending().await,
                }
            };
            let limit = fan.waiting().filter_map(|at| subs[at].limit).min();
            let over = limit.and_then(|limit| since.get_or_insert_with(now).checked_add(limit));
            let over = over.map(deadline);
            let over = async {
                match &over {
                    Some(over) => drop(over.take().await),
                    None => pending().await,
                }
            };
            let came = async {
                if self.open {
                    self.joins.take().await
                } else {
                    pending().await
                }
            };
            match first(fan.settled(), first(first(came, left), over)).await {
                First::A(()) | First::B(First::A(First::B(()))) => {}
                First::B(First::A(First::A(sub))) => {
                    self.join(sub);
                    changed = true;
                }
                First::B(First::B(())) => {
                    let waited = since.map_or(Duration::ZERO, |since| now() - since);
                    let late = |at: usize| subs[at].limit.is_some_and(|limit| limit <= waited);
                    fan.withdraw(late, |at| subs[at].sever());
                }
            }
        }
        changed
    }

    /// While taps have others wait for them: a subscriber who keeps the hub, if it needs one. If it does, and
    /// there is none, it lets go of the source; the taps still get their value.
    fn keeper(&mut self, source: &Receiver<T>) -> Option<Sub<T>> {
        let may_end = !self.open || self.had && self.options.close_on_last;
        let (_subscribers, taps) = self.subs.count();
        if self.phase == Phase::Over || taps == 0 || !may_end {
            return None;
        }
        let keeper = self.subs.anyone();
        if keeper.is_none() {
            self.phase = Phase::Over;
            if source.receiver_count() == 1 {
                source.close();
            }
        }
        keeper
    }

    /// A subscriber has the value.
    fn delivered(&mut self, kept: Option<T>) {
        self.shared.one_more();
        let Some(value) = kept else { return };
        if self.replay.len() == self.options.replay {
            self.replay.pop_front();
        }
        self.replay.push_back(value);
    }

    /// Lets others run now and then.
    async fn breathe(&mut self, puts: usize) {
        self.puts += puts;
        if self.puts >= PUTS_A_TURN {
            self.puts = 0;
            yield_now().await;
        }
    }
}

impl<T> Drop for Block<T> {
    fn drop(&mut self) {
        self.shared.leave(self.held.take());
        // In this order: whoever comes and is turned away looks why.
        match &self.cause {
            Some(cause) => self.end.fail(cause.clone()),
            None => self.end.close(),
        };
        self.joins.close();
        while let Ok(sub) = self.joins.try_take() {
            self.subs.coming.push_back(sub);
        }
        self.subs.end(self.cause.as_ref());
        self.shared.count((0, 0));
    }
}
