//! The end of a runtime names what it had to cancel.

use csp::{Op, Runtime, prelude::*};

#[test]
fn a_clean_end_says_so() {
    let rt = Runtime::builder().workers(2).build();
    rt.go(async {}).wait().unwrap();
    let end = rt.shutdown(secs(50)).unwrap();
    assert!(end.is_clean());
    assert_eq!(end.to_string(), "every block ended by itself");
}

/// Also those that a worker would end only when it wakes up.
#[test]
fn timeouts_end_with_it() {
    for _ in 0..20 {
        let rt = Runtime::builder().workers(2).build();
        let entered = rt.enter();
        let timeout = timeout(secs(1000));
        drop(entered);
        rt.shutdown(secs(50)).unwrap();
        assert!(timeout.is_over());
    }
}

#[test]
fn what_is_cancelled_is_named_with_its_place() {
    let rt = Runtime::builder().workers(2).build();
    let (tx, rx) = chan::<u32>(0);
    let rx_too = rx.clone();
    let (takes, _other) = {
        let _entered = rt.enter();
        (go!({ take!(rx_too) }), go!({ take!(timeout(secs(1000))) }))
    };
    while takes.parked_at().is_none() {
        std::thread::yield_now();
    }
    let end = rt.shutdown(ms(0)).unwrap();
    assert_eq!(end.cancelled().len(), 2);
    let block = &end.cancelled()[0];
    assert_eq!((block.id, block.site), (takes.id(), takes.site()));
    assert_eq!(block.parked_at.unwrap().op(), Op::Take);
    assert_eq!(block.parked_at.unwrap().text(), "rx_too");
    assert!(format!("{rx:?}").contains(&format!("id: {},", block.channel.unwrap())));
    assert!(
        end.to_string()
            .starts_with("2 blocks had to be cancelled:\n  block ")
    );
    drop(tx);
}

#[test]
fn what_does_not_end_is_named_too() {
    let rt = Runtime::builder().workers(1).build();
    let (tx, rx) = chan::<u32>(0);
    let (began, begins) = chan(1);
    let stands = rt.go(async move {
        began.try_put(()).unwrap();
        csp::allow_blocking!(rx.take_blocking())
    });
    begins.take_blocking();
    let error = rt.shutdown(ms(0)).unwrap_err();
    assert_eq!((error.left, error.blocks().len()), (1, 1));
    assert_eq!(error.blocks()[0].id, stands.id());
    assert!(!error.blocks()[0].is_parked);
    assert_eq!(error.shutdown().cancelled(), error.blocks());
    tx.put_blocking(1).unwrap();
    assert_eq!(stands.wait(), Ok(Some(1)));
}
