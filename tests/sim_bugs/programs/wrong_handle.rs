//! The wrong handle: a loop starts a block for each request, and the block looks up where to answer when it
//! runs, not when it was started. By then the loop may be at the next request.
//!
//! In the Go study: an anonymous function that captures the loop's variable. Rust moves or refuses; what is
//! shared on purpose, here a session, has the bug still. The fix is to give each block its own.

use std::sync::Arc;

use csp::{lock::Mutex, prelude::*};

use super::join;

const REQUESTS: u32 = 2;

struct Session {
    reply: Option<Sender<u32>>,
}

fn run(own: bool) {
    let session = Arc::new(Mutex::new(Session { reply: None }));
    let (mut blocks, mut replies) = (Vec::new(), Vec::new());
    for request in 0..REQUESTS {
        let (reply, reply_rx) = chan(2);
        replies.push(reply_rx);
        let mine = own.then(|| reply.clone());
        session.lock_blocking().reply = Some(reply);
        let session = Arc::clone(&session);
        blocks.push(go!({
            let reply = match mine {
                Some(reply) => reply,
                None => session.lock().await.reply.clone().expect("it was set"),
            };
            put!(reply, request).ok();
        }));
    }
    join(blocks);
    for (request, reply) in (0..).zip(replies) {
        assert_eq!(reply.try_take(), Ok(request), "the answer went elsewhere");
    }
}

pub(crate) fn buggy() {
    run(false);
}

pub(crate) fn fixed() {
    run(true);
}
