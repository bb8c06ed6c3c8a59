//! A runner's calls of the user's functions: guarded, counted, and told of when they go wrong.

use std::time::Duration;

use csp_sched::timeout;

use super::{
    error::{During, ProcessError, Report},
    guard::{Error, Fault, dispose, guard, text_of},
    message::Msg,
    outputs::Outputs,
    ping::Status,
    process::Body,
    runner::{Alarm, Runner},
    station::Doing,
    step::{Next, Transition},
};
use crate::sync::plain::{Arc, atomic::Ordering::Relaxed};

/// How long a source that fails is left alone at least.
const AFTER_A_FAULT: Duration = Duration::from_millis(100);

impl Runner {
    pub(super) fn message(&mut self, port: usize, msg: Msg) {
        self.station.in_counts[port].add_message();
        let during = During::Message(self.station.about.ins[port].shared_name());
        let done = self.call(during, Some(&msg), |body, out| {
            body.message(port, &msg, out)
        });
        self.count(done.is_some());
        dispose(msg);
    }

    pub(super) fn link_closed(&mut self, index: usize) {
        self.links.disable(index);
        self.open_links -= 1;
        let end = &self.station.ins[index];
        let port = end.port;
        let name = self.station.about.ins[port].shared_name();
        let during = During::Closed(Arc::clone(&name));
        if let Some(cause) = end.rx.failure() {
            let fault = Fault::Failed(Box::new(Arc::clone(&cause)));
            self.report(during.clone(), None, fault);
            self.cause.get_or_insert(cause);
        }
        self.open_at[port] -= 1;
        if self.open_at[port] > 0 {
            return;
        }
        self.open_ports -= 1;
        self.call(during, None, |body, out| body.closed(&name, out));
    }

    pub(super) fn source(&mut self) {
        let next = self.call(During::Source, None, |body, out| body.source(out));
        self.count(next.is_some());
        let next = next.unwrap_or(Next::After(self.rhythm.max(AFTER_A_FAULT)));
        self.alarm = match next {
            Next::Done => Alarm::Never,
            Next::Now | Next::After(Duration::ZERO) => Alarm::Now,
            Next::After(pause) => Alarm::At(timeout(pause)),
        };
        if let Next::After(pause) = next {
            self.rhythm = pause;
        }
    }

    pub(super) fn transition(&mut self, to: Transition) {
        self.call(During::Transition(to), None, |body, _| body.transition(to));
    }

    fn count(&self, done: bool) {
        self.station.steps.fetch_add(u64::from(done), Relaxed);
    }

    /// Calls a function of the user's. `None`: it went wrong, and nothing of it goes out.
    fn call<T>(
        &mut self,
        during: During,
        msg: Option<&Msg>,
        f: impl FnOnce(&mut dyn Body, &mut Outputs) -> Result<T, Error>,
    ) -> Option<T> {
        let Self { body, outputs, .. } = self;
        let body = body.as_deref_mut()?;
        let before = self.station.begin(Doing::Step);
        outputs.begin(msg);
        let outcome = guard(|| {
            body.keep();
            let value = f(body, outputs)?;
            outputs.end()?;
            Ok(value)
        });
        let value = match outcome {
            Ok(value) => {
                body.go_on();
                Some(value)
            }
            Err(fault) => {
                outputs.discard();
                body.roll_back();
                self.went_wrong(during, msg, fault);
                None
            }
        };
        self.station.begin(before);
        value
    }

    fn went_wrong(&mut self, during: During, msg: Option<&Msg>, fault: Fault) {
        self.report(during, msg, fault);
        let Some(body) = self.body.as_deref_mut() else {
            return;
        };
        let recovered = guard(|| {
            body.recover();
            Ok(())
        });
        if let Err(fault) = recovered {
            self.report(During::Recover, None, fault);
        }
    }

    fn report(&mut self, during: During, msg: Option<&Msg>, fault: Fault) {
        let station = &self.station;
        station.errors.fetch_add(1, Relaxed);
        let error = ProcessError {
            process: Arc::clone(&station.name),
            during,
            fault,
            message: msg.map(|msg| text_of(msg)),
            state: self
                .body
                .as_ref()
                .map_or_else(String::new, |body| body.text()),
            status: if self.is_paused() {
                Status::Paused
            } else {
                Status::Running
            },
            steps: station.steps.load(Relaxed),
        };
        // The oldest goes if nobody takes them, and there may be nobody at all.
        self.common.errors.try_put(error).ok();
    }

    pub(super) fn send_reports(&mut self) {
        for value in self.outputs.take_reports() {
            let process = Arc::clone(&self.station.name);
            self.common.reports.try_put(Report { process, value }).ok();
        }
    }
}
