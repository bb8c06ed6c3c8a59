//! Leaky timeout: who asked goes away when the time is over, and the server waits for ever to deliver its
//! answer.
//!
//! In the Go study (Kubernetes), Go's classic leak. In csp the caller's receiver drops and closes the
//! channel, and the server's put fails. Unless somebody keeps another: here a table of what is pending, in
//! which the server looks up where to answer. Whether the time is over depends on who is served first. The
//! fix: who gives up leaves the table.

use std::{collections::BTreeMap, sync::Arc, time::Duration};

use csp::{lock::Mutex, prelude::*};

use super::{Chan, join};

const WORK: Duration = ms(20);
const IMPATIENT: Duration = ms(30);
const PATIENT: Duration = ms(100);

type Pending = Arc<Mutex<BTreeMap<u32, Chan<u32>>>>;

async fn serve(requests: Receiver<u32>, pending: Pending) {
    while let Some(request) = take!(requests) {
        sleep(WORK).await;
        let reply = (pending.lock().await.get(&request)).map(|reply| reply.tx.clone());
        if let Some(reply) = reply {
            put!(reply, 2 * request).ok();
        }
    }
}

async fn call(
    requests: Sender<u32>,
    pending: Pending,
    request: u32,
    limit: Duration,
    tidy: bool,
) -> Option<u32> {
    let reply = Chan::new(0);
    pending.lock().await.insert(request, reply.clone());
    let over = timeout(limit);
    put!(requests, request).ok();
    let answer = alt! {
        answer = take!(reply.rx) => answer,
        _ = take!(over) => None,
    };
    if answer.is_some() || tidy {
        pending.lock().await.remove(&request);
    }
    answer
}

fn run(tidy: bool) {
    let (requests, requests_rx) = chan(2);
    let pending = Pending::default();
    drop(go(serve(requests_rx, Arc::clone(&pending))));
    let impatient = go(call(
        requests.clone(),
        Arc::clone(&pending),
        1,
        IMPATIENT,
        tidy,
    ));
    let patient = go(call(requests, pending, 2, PATIENT, tidy));
    join([impatient, patient]);
}

pub(crate) fn buggy() {
    run(false);
}

pub(crate) fn fixed() {
    run(true);
}
