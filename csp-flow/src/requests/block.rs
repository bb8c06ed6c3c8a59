//! The go block of a client: it connects, talks, and connects again.

use std::panic::resume_unwind;

use csp_core::{Cause, chan};
use csp_sched::{go, sleep};

use super::{
    Client, ClientEvent, Conversation, Persistent, Setup,
    desk::Desk,
    ledger::Ledger,
    pulse::Pulse,
    room::Room,
    talk::{Parting, talk},
};
use crate::{
    block::{cancelled, caught, changes, panicked},
    sync::Arc,
};

const NAME: &str = "the client";

pub(super) struct Block<Req, Resp>
where
    Req: Send + 'static,
    Resp: Send + 'static,
{
    line: Persistent<Req, Resp>,
    desk: Desk<Req, Resp>,
}

impl<Req, Resp> Block<Req, Resp>
where
    Req: Send + 'static,
    Resp: Send + 'static,
{
    #[track_caller]
    pub(super) fn start(setup: Setup<Req, Resp>) -> Client<Req, Resp> {
        let (changes_tx, changes) = changes();
        let (end_tx, end) = chan(0);
        let client = Client {
            changes: changes_tx,
            room: Room::new(setup.waiting),
            ids: Arc::default(),
            end,
            waiting: setup.waiting,
            timeout: setup.timeout,
        };
        let desk = Desk {
            ledger: Ledger::new(setup.copy),
            pulse: setup.heartbeat.map(Pulse::new),
            window: setup.window,
            changes,
            events: setup.events,
            end: end_tx,
            cause: Some(cancelled(NAME)),
            open: true,
            closing: false,
            reset: false,
            down: None,
            timer: None,
        };
        let line = setup.line;
        let mut block = Self { line, desk };
        drop(go(async move {
            match caught(block.run()).await {
                Ok(()) => block.end_with(None),
                Err(payload) => {
                    block.end_with(Some(panicked(NAME, &payload)));
                    resume_unwind(payload);
                }
            }
        }));
        client
    }

    fn end_with(mut self, cause: Option<Cause>) {
        self.desk.cause = cause;
    }

    async fn run(&mut self) {
        if self.desk.until_needed().await.is_none() {
            return;
        }
        while let Some(conversation) = self.connect().await {
            let parting = talk(&mut self.desk, conversation).await;
            if parting.was_of_use() {
                self.line.was_of_use();
            }
            match parting {
                Parting::Done => return,
                Parting::Lost { cause, .. } => {
                    self.desk.ledger.lose(cause.as_ref());
                    if self.desk.closing {
                        self.desk.ledger.refuse(cause.as_ref());
                    }
                    self.desk.down.clone_from(&cause);
                    self.desk.tell(ClientEvent::Lost(cause));
                }
            }
        }
    }

    /// A conversation, after as many attempts as it takes. `None`: it is over.
    async fn connect(&mut self) -> Option<Conversation<Req, Resp>> {
        loop {
            if self.desk.is_over() {
                return None;
            }
            let pause = self.line.pause();
            if !pause.is_zero() {
                self.desk.tell(ClientEvent::Pausing(pause));
                self.desk.until(sleep(pause)).await?;
            }
            self.desk.tell(ClientEvent::Connecting);
            match self.desk.until(self.line.attempt()).await? {
                Ok(conversation) => {
                    self.desk.down = None;
                    self.desk.tell(ClientEvent::Connected);
                    return Some(conversation);
                }
                Err(cause) => {
                    self.desk.down = Some(cause.clone());
                    self.desk.tell(ClientEvent::NotConnected(cause));
                }
            }
        }
    }
}
