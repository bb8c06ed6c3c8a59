//! [`Running`]: the handle of a flow that runs.

use std::{any::type_name, fmt, time::Duration};

use csp_core::{Closed, Go, Receiver, Sender, alt, chan};
use csp_sched::{go, timeout, within};

use super::{
    def::PortId,
    desk::{Ask, Desk, Injected, Want},
    ends::OuterEnd,
    error::{PortError, ProcessError, Report, StillRunning, UnknownProcess},
    flow::{InId, OutId, Plan},
    message::{Kind, Message, Msg, downcast},
    ping::{Ping, ProcessPing, Status},
    station::Station,
};
use crate::sync::plain::Arc;

/// A flow that was started: made by [`Flow::start`](super::Flow::start).
///
/// # The end
/// A flow ends when every process has ended: by [`stop`](Self::stop), or by itself once its sources are
/// done and its in-ports from the outside closed (see [`Step`](super::Step#the-end-of-a-process)).
///
/// A stop is at once: each process ends after the step that it is in, and what is in the buffers then is
/// dropped, and counted. To end without losing a message, close what leads into the flow, or stop its
/// sources with [`stop_process`](Self::stop_process), and wait until it has [`ended`](Self::ended).
///
/// Dropping the handle stops the flow, and does not wait.
pub struct Running {
    // First: their end is the command to stop.
    pub(super) desks: Vec<Desk>,
    pub(super) plan: Arc<Plan>,
    pub(super) stations: Arc<[Arc<Station>]>,
    pub(super) inlets: Vec<(InId, Option<OuterEnd>)>,
    pub(super) outlets: Vec<(OutId, Option<OuterEnd>)>,
    pub(super) errors: Receiver<ProcessError>,
    pub(super) reports: Receiver<Report>,
    pub(super) ended: Receiver<()>,
}

/// An [`inject`](Running::inject) under way: done when the messages are in, or given back.
pub type Injection<T> = Go<Result<(), Closed<Vec<T>>>>;

impl Running {
    /// Pauses every process: each ends the step that it is in and puts what that made, as far as there is
    /// room, and takes nothing more. Its inputs pile up meanwhile.
    ///
    /// Does not wait; a [`ping`](Self::ping) does, for its answer. Of a pause and a resume in quick
    /// succession a process may see nothing.
    pub fn pause(&self) {
        self.want_all(Want::Pause);
    }

    /// Lets every process run on.
    pub fn resume(&self) {
        self.want_all(Want::Run);
    }

    /// Pauses one process.
    ///
    /// # Errors
    /// There is no process of that name.
    pub fn pause_process(&self, process: &str) -> Result<(), UnknownProcess> {
        want(&self.desks[self.find(process)?], Want::Pause);
        Ok(())
    }

    /// Lets one process run on.
    ///
    /// # Errors
    /// There is no process of that name.
    pub fn resume_process(&self, process: &str) -> Result<(), UnknownProcess> {
        want(&self.desks[self.find(process)?], Want::Run);
        Ok(())
    }

    /// Ends one process, after the step that it is in. Its out-ports close, and the end travels on to those
    /// that get messages from nowhere else: so a flow whose sources are stopped comes to its end, and loses
    /// nothing.
    ///
    /// Does not wait. A process that has ended does not come back; what others put there from then on is
    /// dropped, and counted at their out-ports.
    ///
    /// # Errors
    /// There is no process of that name.
    pub fn stop_process(&self, process: &str) -> Result<(), UnknownProcess> {
        self.desks[self.find(process)?].want.close();
        Ok(())
    }

    /// Ends every process, and waits until they have ended, for at most `limit`. Gives a last [`Ping`], with
    /// the states in the end, and the messages that were left.
    ///
    /// The command is given at once; the [`Go`] is for waiting. Paused processes end as well.
    ///
    /// # Errors
    /// [`StillRunning`]: some are still in a step. They end after it; call it again to wait longer.
    pub fn stop(&self, limit: Duration) -> Go<Result<Ping, StillRunning>> {
        for desk in &self.desks {
            desk.want.close();
        }
        let (ended, stations) = (self.ended.clone(), Arc::clone(&self.stations));
        go(async move {
            if within(limit, ended.take()).await.is_ok() {
                return Ok(last_ping(&stations));
            }
            let still = (stations.iter()).filter(|station| station.status() != Status::Ended);
            Err(StillRunning {
                processes: still.map(|station| station.name.to_string()).collect(),
            })
        })
    }

    /// Waits until every process has ended, whatever ends them. Gives a last [`Ping`].
    pub fn ended(&self) -> Go<Ping> {
        let (ended, stations) = (self.ended.clone(), Arc::clone(&self.stations));
        go(async move {
            ended.take().await;
            last_ping(&stations)
        })
    }

    /// Asks every process what it does, and for its state. Paused processes answer, and those that wait for
    /// room; one that is in a step is told of as busy, without its state, when `limit` is over.
    ///
    /// What was commanded before the ping is done before the answer.
    ///
    /// ```
    /// use csp::{flow::{self, FlowDef, Status}, prelude::*};
    /// let flow = FlowDef::new("numbers")
    ///     .process("numbers", flow::source(|| 1_u64..))
    ///     .out_port::<u64>(("numbers", "out"), 5)
    ///     .build()
    ///     .unwrap();
    /// let run = flow.start_paused().unwrap();
    /// let ping = run.ping(secs(5)).wait().unwrap();
    /// assert_eq!(ping.processes[0].status, Status::Paused);
    /// assert_eq!(ping.get("numbers").unwrap().outs[0].connections[0].len, 0);
    /// ```
    pub fn ping(&self, limit: Duration) -> Go<Ping> {
        let asking = self.ask(0, &self.desks, limit);
        go(async move {
            Ping {
                processes: asking.await,
            }
        })
    }

    /// As [`ping`](Self::ping), of one process.
    ///
    /// # Errors
    /// There is no process of that name.
    pub fn ping_process(
        &self,
        process: &str,
        limit: Duration,
    ) -> Result<Go<ProcessPing>, UnknownProcess> {
        let index = self.find(process)?;
        let asking = self.ask(index, &self.desks[index..=index], limit);
        Ok(go(async move { asking.await.remove(0) }))
    }

    /// Puts messages into a port from beside its connections: to try something out, or to start a circle.
    ///
    /// At an in-port they come to the process as if they had come in there, in order; at an out-port they go
    /// out as if the process had put them. They wait in a queue of 10 for the process, which takes them when
    /// it next takes a message: so not while it is paused. The [`Go`] is done when all are in that queue.
    /// A process that ends by itself takes what is in it first, before the close of its last in-port is told;
    /// a stop drops it, and counts it.
    ///
    /// # Errors
    /// [`PortError`], at once: there is no such port, or its messages are of another type. The `Go` gives
    /// [`Closed`], with the messages that did not get in, if the process had ended or ends meanwhile.
    pub fn inject<T: Message>(
        &self,
        port: impl Into<PortId>,
        messages: impl IntoIterator<Item = T>,
    ) -> Result<Injection<T>, PortError> {
        let port = port.into();
        let node = self.find_process(&port)?;
        let about = &self.plan.nodes[node].about;
        let into = about.ins.iter().position(|known| known.name() == port.port);
        let out = about
            .outs
            .iter()
            .position(|known| known.name() == port.port);
        let (kind, wrap): (Kind, Box<dyn Fn(Msg) -> Injected + Send>) = match (into, out) {
            (Some(at), _) => (
                about.ins[at].kind,
                Box::new(move |msg| Injected::In(at, msg)),
            ),
            (_, Some(at)) => (
                about.outs[at].kind,
                Box::new(move |msg| Injected::Out(at, msg)),
            ),
            (None, None) => {
                let ports = about.ins.iter().chain(&*about.outs);
                let known = ports.map(|port| port.name().to_owned()).collect();
                return Err(PortError::UnknownPort { port, known });
            }
        };
        same_type::<T>(&port, kind)?;
        let tx = self.desks[node].injected.clone();
        let messages: Vec<T> = messages.into_iter().collect();
        Ok(go(async move {
            let mut messages = messages.into_iter();
            while let Some(message) = messages.next() {
                if let Err(Closed(back)) = tx.put(wrap(Arc::new(message))).await {
                    let back = unwrap(back).into_iter();
                    return Err(Closed(back.chain(messages).collect()));
                }
            }
            Ok(())
        }))
    }

    /// The sender for a port that the definition leads in from the outside, with
    /// [`FlowDef::in_port`](super::FlowDef::in_port). It is given once; it can be cloned. When all clones are
    /// dropped, or one closes it, the port closes.
    ///
    /// When the process has ended, puts give their values back.
    ///
    /// # Errors
    /// [`PortError`]: there is no such port, it is not led in from the outside, its messages are of another
    /// type, or its end was given out before.
    pub fn in_port<T: Message>(&mut self, port: impl Into<PortId>) -> Result<Sender<T>, PortError> {
        let port = port.into();
        let node = self.find_process(&port)?;
        let plan = Arc::clone(&self.plan);
        let ports = &plan.nodes[node].about.ins;
        let name = |id: &InId| (id.node == node).then(|| ports[id.port].name());
        let slot = (self.inlets.iter_mut()).find(|(id, _)| name(id) == Some(&port.port));
        let Some((id, end)) = slot else {
            let known = plan.inlets.iter().map(|(id, _)| plan.in_name(*id));
            let known = known.collect();
            return Err(PortError::NotOutside { port, known });
        };
        same_type::<T>(&port, ports[id.port].kind)?;
        take_end(end).ok_or(PortError::Taken { port })
    }

    /// The receiver of a port that the definition leads to the outside, with
    /// [`FlowDef::out_port`](super::FlowDef::out_port). It is given once; it can be cloned. Messages are
    /// shared, since they may have gone elsewhere as well.
    ///
    /// When the process ends, the channel closes; if the process ends since its inputs failed, it fails with
    /// the same cause. When the receiver is dropped, what is put there is dropped and counted.
    ///
    /// # Errors
    /// As for [`in_port`](Self::in_port).
    pub fn out_port<T: Message>(
        &mut self,
        port: impl Into<PortId>,
    ) -> Result<Receiver<Arc<T>>, PortError> {
        let port = port.into();
        let node = self.find_process(&port)?;
        let plan = Arc::clone(&self.plan);
        let ports = &plan.nodes[node].about.outs;
        let name = |id: &OutId| (id.node == node).then(|| ports[id.port].name());
        let slot = (self.outlets.iter_mut()).find(|(id, _)| name(id) == Some(&port.port));
        let Some((id, end)) = slot else {
            let known = plan.outlets.iter().map(|(id, _)| plan.out_name(*id));
            let known = known.collect();
            return Err(PortError::NotOutside { port, known });
        };
        same_type::<T>(&port, ports[id.port].kind)?;
        take_end(end).ok_or(PortError::Taken { port })
    }

    /// What went wrong in the processes, as it happens. The newest 100 are kept; a [`Ping`] counts all. It
    /// closes when the flow has ended.
    ///
    /// Clones compete: each error goes to one taker.
    pub fn errors(&self) -> &Receiver<ProcessError> {
        &self.errors
    }

    /// What the processes [reported](super::Outputs::report). As [`errors`](Self::errors), the newest 100.
    pub fn reports(&self) -> &Receiver<Report> {
        &self.reports
    }

    fn want_all(&self, command: Want) {
        for desk in &self.desks {
            want(desk, command);
        }
    }

    fn find(&self, process: &str) -> Result<usize, UnknownProcess> {
        let mut stations = self.stations.iter();
        let found = stations.position(|station| &*station.name == process);
        found.ok_or_else(|| UnknownProcess {
            process: process.to_owned(),
            known: (self.stations.iter())
                .map(|station| station.name.to_string())
                .collect(),
        })
    }

    fn find_process(&self, port: &PortId) -> Result<usize, PortError> {
        self.find(&port.process).map_err(PortError::UnknownProcess)
    }

    /// Asks the processes from `first` on, one for each desk, and waits for the answers.
    fn ask(
        &self,
        first: usize,
        desks: &[Desk],
        limit: Duration,
    ) -> impl Future<Output = Vec<ProcessPing>> + Send + 'static {
        let (to, answers) = chan(desks.len().max(1));
        for (at, desk) in desks.iter().enumerate() {
            let to = to.clone();
            // One that has ended does not answer, and there is no need to.
            desk.asks.try_put(Ask { index: at, to }).ok();
        }
        let stations = Arc::clone(&self.stations);
        let mut pings: Vec<Option<ProcessPing>> = desks.iter().map(|_| None).collect();
        async move {
            let over = timeout(limit);
            loop {
                let answer = alt! {
                    priority;
                    answer = csp_core::take!(answers) => answer,
                    _ = csp_core::take!(over) => None,
                };
                let Some((at, ping)) = answer else { break };
                pings[at] = Some(ping);
            }
            let answered = pings.into_iter().zip(&stations[first..]);
            answered
                .map(|(ping, station)| ping.unwrap_or_else(|| station.ping(None)))
                .collect()
        }
    }
}

fn want(desk: &Desk, command: Want) {
    // It is sliding; and one that has ended, or is to, is not commanded any more.
    desk.want.try_put(command).ok();
}

fn last_ping(stations: &[Arc<Station>]) -> Ping {
    Ping {
        processes: stations.iter().map(|station| station.ping(None)).collect(),
    }
}

fn same_type<T: Message>(port: &PortId, kind: Kind) -> Result<(), PortError> {
    if kind == Kind::of::<T>() {
        return Ok(());
    }
    Err(PortError::WrongType {
        port: port.clone(),
        is: kind.name(),
        asked: type_name::<T>(),
    })
}

/// The end, if it is still there. It is of the port's type, which the caller has checked.
fn take_end<E: 'static>(slot: &mut Option<OuterEnd>) -> Option<E> {
    let end = slot.take()?;
    end.downcast().ok().map(|end| *end)
}

/// The value of a message that did not get in: nobody else has it.
fn unwrap<T: Message>(injected: Injected) -> Option<T> {
    let (Injected::In(_, msg) | Injected::Out(_, msg)) = injected;
    downcast(msg).and_then(Arc::into_inner)
}

impl fmt::Debug for Running {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let processes = self.stations.iter();
        f.debug_struct("Running")
            .field("flow", &self.plan.name)
            .field(
                "processes",
                &processes
                    .map(|station| (&station.name, station.status()))
                    .collect::<Vec<_>>(),
            )
            .finish_non_exhaustive()
    }
}
