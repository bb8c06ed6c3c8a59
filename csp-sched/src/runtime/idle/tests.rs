//! What the models cannot say of sleep: how long it is, and who is woken for what. (A wrong answer mostly hangs.)

use std::{sync::Arc, thread};

use super::*;

const LONG: Duration = Duration::from_hours(1);

/// Worker `worker` sleeps until it is woken. Gives, in the end, whether it searches.
fn asleep(idle: &Arc<Idle>, worker: usize) -> thread::JoinHandle<bool> {
    let before = idle.asleep();
    let sleeper = {
        let idle = Arc::clone(idle);
        thread::spawn(move || idle.sleep(worker, false, || false, || None, LONG, || None))
    };
    while idle.asleep() == before {
        thread::yield_now();
    }
    sleeper
}

#[test]
fn the_shortest_limit_holds() {
    let [one, two] = [1, 2].map(Duration::from_secs);
    assert_eq!(shortest([None, None, None]), None);
    assert_eq!(shortest([Some(two), None, Some(one)]), Some(one));
    assert_eq!(shortest([None, Some(two), None]), Some(two));
}

#[test]
fn a_deadline_that_is_over_ends_the_sleep_of_the_timekeeper() {
    let idle = Idle::new(1);
    assert!(!idle.sleep(0, false, || false, || Some(now()), LONG, || None));
    assert_eq!(idle.asleep(), 0);
}

#[test]
fn a_limit_ends_the_sleep_of_any() {
    let idle = Arc::new(Idle::new(2));
    let keeper = asleep(&idle, 0);
    let never = || panic!("who does not keep the time is not asked for a deadline");
    assert!(!idle.sleep(1, false, || false, never, LONG, || Some(Duration::ZERO)));
    idle.notify();
    assert!(keeper.join().unwrap());
}

#[test]
fn the_watch_gets_up_by_itself_while_others_are_awake() {
    let idle = Idle::new(2);
    assert!(!idle.sleep(0, false, || false, || None, Duration::ZERO, || None));
}

#[test]
fn who_sees_work_does_not_sleep_and_searches() {
    let idle = Idle::new(1);
    assert!(idle.sleep(0, false, || true, || None, LONG, || None));
    assert_eq!(idle.asleep(), 0);
    assert!(
        !idle.start_search(),
        "it searches: it is the only one that may"
    );
    idle.end_search();
    assert!(idle.start_search());
}

#[test]
fn who_is_woken_for_work_searches_and_the_timekeeper_is_woken_last() {
    let idle = Arc::new(Idle::new(3));
    let keeper = asleep(&idle, 0);
    let other = asleep(&idle, 1);
    idle.notify();
    assert!(other.join().unwrap());
    idle.notify();
    assert_eq!(
        idle.asleep(),
        1,
        "somebody searches: the next push wakes nobody"
    );
    idle.end_search();
    assert!(keeper.join().unwrap(), "the last searcher passes it on");
    assert_eq!(idle.asleep(), 0);
}

#[test]
fn the_timekeeper_is_woken_last_also_if_it_lay_down_last() {
    let idle = Arc::new(Idle::new(3));
    let first = asleep(&idle, 0);
    let other = asleep(&idle, 1);
    idle.wake_timekeeper();
    assert!(!first.join().unwrap());
    let keeper = asleep(&idle, 2);
    idle.notify();
    assert!(other.join().unwrap());
    idle.end_search();
    idle.notify();
    assert!(keeper.join().unwrap());
}

#[test]
fn an_earlier_deadline_wakes_the_timekeeper_alone() {
    let idle = Arc::new(Idle::new(3));
    let keeper = asleep(&idle, 2);
    let other = asleep(&idle, 1);
    idle.wake_timekeeper();
    assert!(!keeper.join().unwrap(), "it was not woken for work");
    assert_eq!(idle.asleep(), 1);
    idle.wake_timekeeper();
    assert_eq!(idle.asleep(), 1, "nobody keeps the time");
    idle.notify();
    assert!(other.join().unwrap());
}

#[test]
fn when_the_watch_has_left_a_task_in_a_slot_calls_another() {
    let idle = Arc::new(Idle::new(3));
    let keeper = asleep(&idle, 0);
    let other = asleep(&idle, 1);
    idle.call_watch();
    assert_eq!(idle.asleep(), 2, "there is a watch");
    idle.wake_timekeeper();
    assert!(!keeper.join().unwrap());
    idle.call_watch();
    assert!(
        !other.join().unwrap(),
        "it gets up, to lie down as the watch"
    );
    idle.call_watch();
    assert_eq!(idle.asleep(), 0);
}

#[test]
fn half_of_the_workers_search() {
    let idle = Idle::new(4);
    assert_eq!([(); 3].map(|()| idle.start_search()), [true, true, false]);
    idle.end_search();
    assert!(idle.start_search());
}

#[test]
fn the_end_wakes_all_and_whoever_rests() {
    let idle = Arc::new(Idle::new(3));
    let sleeper = asleep(&idle, 0);
    let rester = {
        let idle = Arc::clone(&idle);
        thread::spawn(move || idle.rest(1, &mut false, LONG, || false))
    };
    while idle.sleepers.lock().resting.is_empty() {
        thread::yield_now();
    }
    assert!(
        !idle.rest(2, &mut false, LONG, || false),
        "it is the last awake"
    );
    idle.wake_all();
    assert!(sleeper.join().unwrap());
    assert!(rester.join().unwrap());
    assert!(idle.sleepers.lock().resting.is_empty());
}

#[test]
fn a_sleep_without_a_limit_is_a_nap_until_it_is_ended() {
    let idle = Arc::new(Idle::new(1));
    let naps = || {
        let mut naps = Vec::new();
        idle.naps(&mut naps);
        naps
    };
    assert_eq!(naps(), []);
    let sleeper = asleep(&idle, 0);
    while naps().is_empty() {
        thread::yield_now();
    }
    idle.notify();
    assert_eq!(naps(), []);
    assert!(sleeper.join().unwrap());
}

#[test]
fn a_wake_up_before_the_sleep_is_not_lost_and_is_used_once() {
    let idle = Idle::new(1);
    let bed = &idle.beds[0];
    bed.wake();
    bed.sleep(None);
    bed.sleep(Some(Duration::ZERO));
    assert!(!bed.state.lock().woken);
}
