//! Promises that the arms of a `flow!` wait for, when another arm ends the flow. (A binary of its own, since
//! there is one hook for failures that nobody looked at.)

use csp::{
    Error, Promise,
    prelude::*,
    promise::{Resolver, go_try, promise, set_unhandled_hook},
};

const LIMIT: std::time::Duration = std::time::Duration::from_secs(50);

/// A promise that fails once `gate` closes.
fn fails_late(gate: Receiver<()>) -> Promise<u32> {
    go_try(async move {
        take!(gate);
        Err("too late".into())
    })
}

/// What a flow comes to whose first arm fails while the second waits for `late`.
fn flow_that_fails<F>(late: F) -> Result<u32, Error>
where
    F: Future<Output = csp::Outcome<u32>> + Send + 'static,
{
    let (first, a): (Resolver<u32>, _) = promise();
    let flow = go!({
        flow! {
            let a = a.await?;
            let b = late.await?;
            Ok::<_, Error>(a + b)
        }
        .await
    });
    first.fail("the first").ok();
    flow.wait().expect("it does not panic")
}

/// The unhandled failure of an arm's promise is told, unless the arm cancels it on drop: fail-fast does
/// not report what it gave up on (trap 12).
#[test]
fn a_flow_that_fails_and_the_promises_of_its_arms() {
    let (told_tx, told) = chan(8);
    set_unhandled_hook(move |unhandled| told_tx.try_put(unhandled.failure().to_owned()).unwrap());

    let (gate_tx, gate) = chan(0);
    let outcome = flow_that_fails(fails_late(gate).cancel_on_drop());
    assert_eq!(outcome.unwrap_err().to_string(), "the first");
    // The promise's block was cancelled, and its end of the gate dropped.
    csp::block_on(gate_tx.closed());
    assert_eq!(told.try_take(), Err(TryTakeError::Empty));

    let (gate_tx, gate) = chan(0);
    let outcome = flow_that_fails(fails_late(gate));
    assert_eq!(outcome.unwrap_err().to_string(), "the first");
    assert!(!gate_tx.is_closed(), "it goes on");
    drop(gate_tx);
    let failure = told.take_blocking_for(LIMIT).expect("it is told");
    assert_eq!(failure.as_deref(), Some("too late"));
}
