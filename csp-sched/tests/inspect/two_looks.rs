//! One look is no evidence: channels and blocks are looked at one after the other, and between them the program goes on.

use std::{
    cell::Cell,
    rc::Rc,
    sync::{Arc, Weak},
};

use csp::{
    Local,
    inspect::{enable, stuck},
    prelude::*,
};
use csp_core::{
    Home,
    inspect::deadlock::{Party, register},
};

thread_local! {
    /// What happens in the middle of this thread's next look.
    static MEANWHILE: Cell<Option<Box<dyn FnOnce()>>> = const { Cell::new(None) };
}

/// An executor without blocks: it is asked for them after the channels and before all executors that came later.
struct InTheMiddle;

impl Party for InTheMiddle {
    fn naps(&self, _: &mut Vec<u64>) {}

    fn homes(&self, _: &mut dyn FnMut(&Home)) {
        if let Some(meanwhile) = MEANWHILE.take() {
            meanwhile();
        }
    }
}

/// The server waits for the client's value when the channels are looked at. The client then puts it, and awaits the
/// server, which goes on to wait for somebody outside. So a single look sees both asleep, and each waiting for the other.
#[test]
fn who_moves_within_a_look_is_not_accused() {
    enable();
    let middle = Arc::new(InTheMiddle);
    let weak: Weak<InTheMiddle> = Arc::downgrade(&middle);
    register(weak);
    let local = Rc::new(Local::new());
    let (on, go_on) = chan::<u32>(1);
    let (outside, from_outside) = chan::<u32>(0);
    let client = local.go(async move {
        let (to_server, requests) = chan::<u32>(0);
        let server = go!({
            take!(requests);
            take!(requests);
            take!(from_outside)
        });
        put!(to_server, 1).unwrap();
        take!(go_on);
        put!(to_server, 2).unwrap();
        let got = server.await;
        drop(to_server);
        got
    });
    local.run_until_idle();
    on.try_put(0).unwrap();
    let there = Rc::clone(&local);
    MEANWHILE.set(Some(Box::new(move || there.run_until_idle())));
    let found = stuck();
    assert!(on.try_put(0).is_ok(), "nothing went on within the look");
    let client_id = format!("block {}", client.id());
    assert!(!found.to_string().contains(&client_id), "{found}");
    drop(outside);
    local.run_until_idle();
    assert_eq!(client.wait(), Ok(Ok(None)));
}
