//! Putting what a step made: it all goes out, in order, before the process takes more.

use std::{
    ops::ControlFlow,
    pin::Pin,
    task::{Context, Poll},
};

use csp_core::{Closed, Put, Sender, TryPutError, alt};

use super::{
    guard::dispose,
    message::Msg,
    runner::Runner,
    station::{Count, Doing, OutEnd},
};
use crate::sync::plain::Arc;

/// Sends what the last step made. `Break`: told to stop meanwhile.
pub(crate) async fn write(runner: &mut Runner) -> ControlFlow<()> {
    runner.send_reports();
    let mut held = runner.outputs.take_held();
    let mut flow = ControlFlow::Continue(());
    for (port, msg) in held.drain(..) {
        if flow.is_continue() {
            flow = offer(runner, port, msg).await;
        } else {
            let lost = runner.station.outs[port].len().max(1);
            runner.station.out_counts[port].add_dropped(lost as u64);
            dispose(msg);
        }
    }
    runner.outputs.reuse(held);
    flow
}

/// Puts a message into every connection of a port.
async fn offer(runner: &mut Runner, port: usize, msg: Msg) -> ControlFlow<()> {
    let station = Arc::clone(&runner.station);
    let count = &station.out_counts[port];
    count.add_message();
    let mut late = Late::default();
    for OutEnd { tx, .. } in &station.outs[port] {
        match tx.try_put(Arc::clone(&msg)) {
            Ok(()) => {}
            Err(TryPutError::Full(msg)) => late.wait_for(tx, msg),
            Err(TryPutError::Closed(msg)) => lose(count, msg),
        }
    }
    if station.outs[port].is_empty() {
        count.add_dropped(1);
    }
    dispose(msg);
    if late.puts.is_empty() {
        return ControlFlow::Continue(());
    }
    let before = station.begin(Doing::Waiting(port));
    let flow = wait_for_room(runner, &mut late).await;
    station.begin(before);
    late.withdraw();
    for msg in late.lost {
        lose(count, msg);
    }
    flow
}

fn lose(count: &Count, msg: Msg) {
    count.add_dropped(1);
    dispose(msg);
}

/// Commands are obeyed meanwhile. A pause does not withdraw what waits for room: it is the end of a step
/// that was begun before.
async fn wait_for_room(runner: &mut Runner, late: &mut Late<'_>) -> ControlFlow<()> {
    loop {
        alt! {
            priority;
            want = csp_core::take!(runner.inbox.want) => runner.want(want)?,
            ask = csp_core::take!(runner.inbox.asks) => runner.answer(ask),
            () = csp_core::park!(&mut *late) => return ControlFlow::Continue(()),
        }
    }
}

/// The puts of a message that have to wait for room. A future, ready when none waits any more; it can be
/// polled again and again from several alts, as the puts stay in their queues.
#[derive(Default)]
struct Late<'a> {
    puts: Vec<Pin<Box<Put<'a, Msg>>>>,
    /// Messages that came back.
    lost: Vec<Msg>,
}

impl<'a> Late<'a> {
    fn wait_for(&mut self, tx: &'a Sender<Msg>, msg: Msg) {
        self.puts.push(Box::pin(tx.put(msg)));
    }

    fn withdraw(&mut self) {
        for mut put in self.puts.drain(..) {
            self.lost.extend(put.as_mut().withdraw());
        }
    }
}

impl Future for Late<'_> {
    type Output = ();

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<()> {
        let Self { puts, lost } = self.get_mut();
        puts.retain_mut(|put| match put.as_mut().poll(cx) {
            Poll::Pending => true,
            Poll::Ready(Ok(())) => false,
            Poll::Ready(Err(Closed(msg))) => {
                lost.push(msg);
                false
            }
        });
        if puts.is_empty() {
            Poll::Ready(())
        } else {
            Poll::Pending
        }
    }
}
