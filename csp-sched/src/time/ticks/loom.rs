//! Models of the ticks. Run with `ci/loom.sh`.

use std::time::Duration;

use loom::{sync::Arc, thread};

use super::Ticks;
use crate::sync::model;

const TICK: Duration = Duration::from_millis(10);

/// A timeout is set while another thread ends those that are due: it is ended by that, or there is a
/// next deadline to end it at. It is never forgotten.
#[test]
fn loom_ticks_set_against_expire() {
    model(|| {
        let ticks = Arc::new(Ticks::new(TICK));
        let (first, second) = (ticks.origin + TICK, ticks.origin + TICK * 2);
        let (early, _) = ticks.at(Some(first), ticks.origin);
        let keeper = thread::spawn({
            let ticks = Arc::clone(&ticks);
            move || ticks.expire(first)
        });
        let (late, _) = ticks.at(Some(second), ticks.origin);
        keeper.join().unwrap();
        assert!(early.is_closed() && !late.is_closed());
        assert_eq!(ticks.next_deadline(), Some(second));
        assert!(ticks.expire(second));
        assert!(late.is_closed());
    });
}

/// Two threads set timeouts of one tick, and one drops its own, while the tick ends.
#[test]
fn loom_ticks_shared_entry_against_expire_and_drop() {
    model(|| {
        let ticks = Arc::new(Ticks::new(TICK));
        let deadline = ticks.origin + TICK;
        let other = thread::spawn({
            let ticks = Arc::clone(&ticks);
            move || drop(ticks.at(Some(deadline), ticks.origin))
        });
        let (mine, _) = ticks.at(Some(deadline), ticks.origin);
        ticks.expire(deadline);
        assert!(mine.is_closed());
        other.join().unwrap();
    });
}

/// The executor ends while a timeout is set: it is over by that, whichever comes first, for nobody keeps its time any
/// more. (Without `ended`, one that is set afterwards waits for ever.)
#[test]
fn loom_ticks_set_against_end() {
    model(|| {
        let ticks = Arc::new(Ticks::new(TICK));
        let deadline = ticks.origin + TICK;
        let other = thread::spawn({
            let ticks = Arc::clone(&ticks);
            move || ticks.at(Some(deadline), ticks.origin).0
        });
        ticks.end();
        let over = other.join().unwrap();
        assert!(over.is_closed());
        assert_eq!(ticks.next_deadline(), None);
    });
}
