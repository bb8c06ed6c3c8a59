//! The block of a process: it takes messages and commands, runs the steps, and puts what they made.
//!
//! 1. *Obey*: commands come first. While it is paused it waits for commands alone.
//! 2. *Wait* for a message, chosen fairly among the connections, an injected one, the close of a
//!    connection, the source's next time, a ping, or a command.
//! 3. *Step*: the user's function, guarded.
//! 4. *Write*: what the step put goes out, in order. Commands and pings are served meanwhile.
//!
//! It ends when it is told to (its command channel closes), or after the step that leaves nothing to wait
//! for. Whatever ends it, it closes its connections, in both directions.

use std::{ops::ControlFlow, time::Duration};

use csp_core::{AltSet, Cause, Failure, Order, Sender, TryTakeError, alt};
use csp_sched::{Timeout, yield_now};

use super::{
    desk::{Ask, Inbox, Injected, Want},
    error::{ProcessError, Report},
    guard::dispose,
    message::Msg,
    outputs::Outputs,
    process::Body,
    station::{Doing, Station},
    step::Transition,
    write,
};
use crate::sync::plain::{Arc, atomic::Ordering::Relaxed};

/// The channels to the outside that all processes share.
#[derive(Clone)]
pub(crate) struct Common {
    pub(crate) errors: Sender<ProcessError>,
    pub(crate) reports: Sender<Report>,
    /// Closes when every process has ended.
    #[expect(dead_code, reason = "its drop tells")]
    pub(crate) alive: Sender<()>,
}

/// How many steps it does in one turn before it lets others have the thread.
const STEPS_A_TURN: u64 = 128;

pub(crate) struct Runner {
    pub(super) station: Arc<Station>,
    /// There until the end.
    pub(super) body: Option<Box<dyn Body>>,
    pub(super) outputs: Outputs,
    pub(super) inbox: Inbox,
    /// The connections, as numbered in the station. One that has closed is off.
    pub(super) links: AltSet<Msg>,
    /// How many connections are open, in all and for each in-port.
    pub(super) open_links: usize,
    pub(super) open_at: Vec<usize>,
    /// How many in-ports have not closed, those without a connection among them.
    pub(super) open_ports: usize,
    pub(super) alarm: Alarm,
    /// What the source last asked for.
    pub(super) rhythm: Duration,
    /// Why an in-port failed.
    pub(super) cause: Option<Cause>,
    // Last: `alive` goes when all else is gone.
    pub(super) common: Common,
}

/// When the source is to be called.
pub(super) enum Alarm {
    Never,
    Now,
    At(Timeout),
}

impl Alarm {
    async fn ring(&self) {
        match self {
            Self::Never => std::future::pending().await,
            Self::Now => {}
            Self::At(time) => {
                time.take().await;
            }
        }
    }
}

enum Event {
    Want(Option<Want>),
    Ask(Option<Ask>),
    Injected(Option<Injected>),
    Link(usize, Option<Msg>),
    Alarm,
}

impl Runner {
    pub(crate) fn new(
        station: Arc<Station>,
        body: Box<dyn Body>,
        inbox: Inbox,
        common: Common,
    ) -> Self {
        let about = &station.about;
        let mut links = AltSet::new();
        let mut open_at = vec![0; about.ins.len()];
        for end in &station.ins {
            links.take(&end.rx);
            open_at[end.port] += 1;
        }
        Self {
            body: Some(body),
            outputs: Outputs::new(Arc::clone(&about.outs)),
            inbox,
            links,
            open_links: station.ins.len(),
            open_at,
            open_ports: about.ins.len(),
            alarm: if about.has_source {
                Alarm::Now
            } else {
                Alarm::Never
            },
            rhythm: Duration::ZERO,
            cause: None,
            common,
            station,
        }
    }

    pub(crate) async fn live(mut self) {
        for turn in 1_u64.. {
            if self.turn().await.is_break() {
                break;
            }
            // On a thread nothing else limits its operations.
            if turn.is_multiple_of(STEPS_A_TURN) {
                yield_now().await;
            }
        }
        self.end();
    }

    async fn turn(&mut self) -> ControlFlow<()> {
        self.obey().await?;
        match self.wait().await {
            Event::Want(want) => return self.want(want),
            Event::Ask(ask) => self.answer(ask),
            Event::Injected(Some(injected)) => self.injected(injected),
            // The flow's handle is going, and the commands with it.
            Event::Injected(None) => {}
            Event::Link(index, Some(msg)) => {
                let port = self.station.ins[index].port;
                self.message(port, msg);
            }
            Event::Link(index, None) => {
                if self.is_last(index) {
                    // It came in before the close, so it is taken before that is told.
                    self.take_all_injected().await?;
                }
                self.link_closed(index);
            }
            Event::Alarm => self.source(),
        }
        write::write(self).await?;
        let over = self.open_ports == 0 && matches!(self.alarm, Alarm::Never);
        if over {
            self.take_all_injected().await?;
            ControlFlow::Break(())
        } else {
            ControlFlow::Continue(())
        }
    }

    /// True if the process ends with the close of this connection.
    fn is_last(&self, index: usize) -> bool {
        let port = self.station.ins[index].port;
        self.open_ports == 1 && self.open_at[port] == 1 && matches!(self.alarm, Alarm::Never)
    }

    fn injected(&mut self, injected: Injected) {
        match injected {
            Injected::In(port, msg) => self.message(port, msg),
            Injected::Out(port, msg) => self.outputs.inject(port, msg),
        }
    }

    /// Before it ends by itself: what was injected is still taken, and nothing more gets in.
    async fn take_all_injected(&mut self) -> ControlFlow<()> {
        self.inbox.injected.close();
        while let Ok(injected) = self.inbox.injected.try_take() {
            self.injected(injected);
            write::write(self).await?;
        }
        ControlFlow::Continue(())
    }

    /// Does what is asked, and waits while it is paused.
    async fn obey(&mut self) -> ControlFlow<()> {
        loop {
            match self.inbox.want.try_take() {
                Ok(want) => self.want(Some(want))?,
                Err(TryTakeError::Closed) => return ControlFlow::Break(()),
                Err(TryTakeError::Empty) if !self.is_paused() => {
                    return ControlFlow::Continue(());
                }
                Err(TryTakeError::Empty) => alt! {
                    priority;
                    want = csp_core::take!(self.inbox.want) => self.want(want)?,
                    ask = csp_core::take!(self.inbox.asks) => self.answer(ask),
                },
            }
        }
    }

    async fn wait(&mut self) -> Event {
        let Self {
            inbox,
            links,
            open_links,
            alarm,
            ..
        } = self;
        let some_open = *open_links > 0;
        alt! {
            want = csp_core::take!(inbox.want) => Event::Want(want),
            ask = csp_core::take!(inbox.asks) => Event::Ask(ask),
            injected = csp_core::take!(inbox.injected) => Event::Injected(injected),
            (index, event) = csp_core::park!(links.choose(Order::Random)), if some_open => {
                Event::Link(index, event.took())
            }
            () = csp_core::park!(alarm.ring()) => Event::Alarm,
        }
    }

    pub(super) fn is_paused(&self) -> bool {
        self.station.paused.load(Relaxed)
    }

    pub(super) fn want(&mut self, want: Option<Want>) -> ControlFlow<()> {
        let Some(want) = want else {
            return ControlFlow::Break(());
        };
        let pause = want == Want::Pause;
        if pause != self.is_paused() {
            self.station.paused.store(pause, Relaxed);
            self.transition(if pause {
                Transition::Pause
            } else {
                Transition::Resume
            });
        }
        ControlFlow::Continue(())
    }

    pub(super) fn answer(&mut self, ask: Option<Ask>) {
        let (Some(Ask { index, to }), Some(body)) = (ask, &self.body) else {
            return;
        };
        let ping = self.station.ping(Some(body.text()));
        // Whoever asked may have gone.
        to.try_put((index, ping)).ok();
    }

    /// It ends by itself, or was told to.
    fn end(&mut self) {
        self.transition(Transition::Stop);
        let cause = self.cause.take();
        self.close(cause.as_ref());
    }

    /// Closes what leads to others, counts what is lost with it, and drops the state.
    fn close(&mut self, cause: Option<&Cause>) {
        let Some(body) = self.body.take() else {
            return;
        };
        let station = &self.station;
        for end in &station.ins {
            end.rx.close();
            let count = &station.in_counts[end.port];
            while let Ok(msg) = end.rx.try_take() {
                count.add_dropped(1);
                dispose(msg);
            }
        }
        self.inbox.injected.close();
        while let Ok(injected) = self.inbox.injected.try_take() {
            let (count, msg) = match injected {
                Injected::In(port, msg) => (&station.in_counts[port], msg),
                Injected::Out(port, msg) => (&station.out_counts[port], msg),
            };
            count.add_dropped(1);
            dispose(msg);
        }
        // It is set once.
        station.last_state.set(body.text()).ok();
        dispose(body);
        station.begin(Doing::Over);
        // Whoever sees the end of the messages sees the end of the process.
        for end in station.outs.iter().flatten() {
            match cause {
                Some(cause) => end.tx.fail(Arc::clone(cause)),
                None => end.tx.close(),
            };
        }
    }
}

impl Drop for Runner {
    /// Its runtime ended before it did.
    fn drop(&mut self) {
        if self.body.is_some() {
            let cancelled: Failure = Failure::Cancelled;
            self.close(Some(&(Arc::new(cancelled) as Cause)));
        }
    }
}
