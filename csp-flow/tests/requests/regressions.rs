//! What once went wrong.

use std::time::Duration;

use csp::{
    Failure, Local,
    prelude::*,
    requests::{Why, client},
};

/// Twice the pause was beyond what a `Duration` holds: the client's block panicked.
#[test]
fn a_pause_as_long_as_can_be_is_a_pause() {
    let local = Local::virtual_time();
    let mut attempts = 0;
    let (tx, asked) = chan(8);
    let outcome = local.run_until(async move {
        let nobody = move || {
            attempts += 1;
            tx.try_put(attempts).unwrap();
            async { Err::<(Sender<u32>, Receiver<u32>), _>("nobody listens") }
        };
        let client = client(nobody).backoff(Duration::MAX, Duration::MAX);
        client.start().call_within(1, secs(3600)).await
    });
    let Err(Failure::Error(error)) = outcome else {
        panic!("{outcome:?}");
    };
    assert!(matches!(error.why(), Why::TimedOut { .. }), "{error}");
    assert_eq!(error.into_request(), Some(1));
    drop(local);
    assert_eq!(asked.into_iter().collect::<Vec<_>>(), [1]);
}
