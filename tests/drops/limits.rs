//! The blocking forms with a limit: each is an operation that is dropped when its time is over, at whatever moment.

use std::{thread, time::Duration};

use csp::{PutTimeoutError, chan};

/// Two threads, and limits from nothing to long enough: every value is taken, or given back.
#[test]
fn puts_and_takes_that_run_out_of_time_lose_nothing() {
    const ROUNDS: u32 = 3000;
    for capacity in [0, 1] {
        let (tx, rx) = chan(capacity);
        let putter = thread::spawn(move || {
            let (mut put, mut back) = (0_u64, 0_u64);
            for n in 0..ROUNDS {
                let limit = Duration::from_nanos(u64::from(n * 7919 % 30_000));
                match tx.put_blocking_for(n, limit) {
                    Ok(()) => put += 1,
                    Err(PutTimeoutError::Elapsed(value)) => {
                        assert_eq!(value, n);
                        back += 1;
                    }
                    Err(other) => panic!("{other}"),
                }
            }
            assert_eq!(put + back, u64::from(ROUNDS));
            put
        });
        let (mut taken, mut n) = (0_u64, 0_u64);
        let mut last = None;
        loop {
            n += 1;
            match rx.take_blocking_for(Duration::from_nanos(n * 6007 % 30_000)) {
                Ok(Some(value)) => {
                    assert!(last.is_none_or(|last| last < value));
                    last = Some(value);
                    taken += 1;
                }
                Ok(None) => break,
                Err(csp::Elapsed) => (),
            }
        }
        assert_eq!(putter.join().expect("no panic"), taken);
        let shown = format!("{rx:?}");
        assert!(shown.contains("takers: 0, putters: 0"), "{shown}");
    }
}
