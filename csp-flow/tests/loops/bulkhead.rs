//! The bulkhead.

use csp::{Failure, Local, lock::Bulkhead, prelude::*};

use crate::util::{Log, poll};

csp::dynamic! {
    /// Who asked.
    static USER: &'static str = "nobody";
}

/// EV-165: with one permit and a queue of two the fourth is refused, and says why; inside, the caller's
/// context is there.
#[test]
fn ev_165_the_rest_is_refused() {
    let local = Local::virtual_time();
    let bulkhead = Bulkhead::new(1, 2);
    let log = Log::new();
    for name in ["ann", "bob", "cid", "dan"] {
        let (bulkhead, log) = (bulkhead.clone(), log.clone());
        csp::binding!(USER = name => {
            drop(local.go(async move {
                let ran = bulkhead
                    .run(async || {
                        sleep(secs(1)).await;
                        log.add(format!("{} inside", USER.get()));
                    })
                    .await;
                if let Err(overloaded) = ran {
                    log.add(format!("{name}: {overloaded}"));
                }
            }));
        });
    }
    local.run_until_idle();
    assert_eq!(
        log.take(),
        ["dan: overloaded: 1 run and 2 wait, as many as may"]
    );
    assert_eq!((bulkhead.running(), bulkhead.inside()), (1, 3));
    local.advance(secs(3));
    assert_eq!(log.take(), ["ann inside", "bob inside", "cid inside"]);
    assert_eq!((bulkhead.running(), bulkhead.inside()), (0, 0));
}

/// A wait that is given up makes room; so does a panic.
#[test]
fn a_place_is_given_back() {
    let bulkhead = Bulkhead::new(1, 1);
    let place = bulkhead.enter_blocking().unwrap();
    let mut waits = Box::pin(bulkhead.enter().unwrap());
    assert!(poll(waits.as_mut()).is_pending());
    let overloaded = bulkhead.enter().err().unwrap();
    assert_eq!((overloaded.permits, overloaded.queue), (1, 1));
    drop(waits);
    let mut waits = Box::pin(bulkhead.enter().unwrap());
    assert!(poll(waits.as_mut()).is_pending());
    drop(place);
    // Handed over and not looked at: it runs, and one may wait.
    let unpolled = bulkhead.enter().unwrap();
    assert!(bulkhead.enter().is_err());
    drop(unpolled);
    drop(waits);
    assert_eq!((bulkhead.running(), bulkhead.inside()), (0, 0));
    let there = bulkhead.clone();
    let panics = go!({ there.run(async || panic!("no")).await });
    assert!(matches!(
        panics.wait(),
        Err::<Result<(), _>, _>(Failure::Panicked(_))
    ));
    assert_eq!(csp::block_on(bulkhead.run(async || 5)), Ok(5));
}

#[test]
#[should_panic(expected = "a semaphore of 0 permits lets nobody in")]
fn no_permits_are_refused() {
    drop(Bulkhead::new(0, 1));
}
