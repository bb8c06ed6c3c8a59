//! Typed events and topics.

use std::{cell::RefCell, rc::Rc};

use csp::{EventLoop, event_loop::Handler};

use crate::util::{Log, notices};

struct A(u32);
struct B(&'static str);
struct C;

/// EV-201, EV-098: what a handler emits is queued behind what is there, never handled inside it.
#[test]
fn ev_201_an_event_emitted_by_a_handler_is_queued_and_not_nested() {
    let events = EventLoop::new();
    let handle = events.handle();
    let log = Log::new();
    let (first, second, of_b, of_c) = (log.clone(), log.clone(), log.clone(), log.clone());
    handle
        .on(move |a: &A, events| {
            first.add(format!("a{} begins", a.0));
            events.emit(B("from a")).unwrap();
            events.emit(C).unwrap();
            first.add(format!("a{} ends", a.0));
        })
        .unwrap();
    handle
        .on(move |a: &A, _| second.add(format!("a{} again", a.0)))
        .unwrap();
    handle
        .on(move |b: &B, _| of_b.add(format!("b {}", b.0)))
        .unwrap();
    handle.on(move |_: &C, _| of_c.add("c".to_owned())).unwrap();
    handle.emit(A(1)).unwrap();
    handle.emit(A(2)).unwrap();
    assert_eq!(log.take(), [""; 0], "nothing before it runs");
    assert_eq!(events.run_until_idle(), 6);
    assert_eq!(
        log.take(),
        [
            "a1 begins",
            "a1 ends",
            "a1 again",
            "a2 begins",
            "a2 ends",
            "a2 again",
            "b from a",
            "c",
            "b from a",
            "c"
        ]
    );
    assert_eq!(events.run_until_idle(), 0);
}

/// Trap 17: handlers in the order of their registration, wherever that was.
#[test]
fn trap_17_handlers_are_called_in_the_order_of_registration() {
    let events = EventLoop::new();
    let handle = events.handle();
    let log = Log::new();
    for n in 0..50 {
        let log = log.clone();
        if n % 2 == 0 {
            handle.on(move |_: &A, _| log.add(n)).unwrap();
            events.run_until_idle();
        } else {
            events.on(move |_: &A, _| log.add(n));
        }
    }
    handle.emit(A(0)).unwrap();
    events.run_until_idle();
    assert_eq!(log.take(), (0..50).collect::<Vec<_>>());
}

/// A handler gets what is emitted after it was registered.
#[test]
fn a_handler_does_not_get_what_was_emitted_before() {
    let events = EventLoop::new();
    let handle = events.handle();
    let log = Log::new();
    handle.emit(A(1)).unwrap();
    let there = log.clone();
    handle.on(move |a: &A, _| there.add(a.0)).unwrap();
    handle.emit(A(2)).unwrap();
    events.run_until_idle();
    assert_eq!(log.take(), [2]);
    assert_eq!(handle.ignored(), 1);
}

/// A handler that is registered by another is called from the next event on.
#[test]
fn a_handler_may_register_others() {
    let events = EventLoop::new();
    let handle = events.handle();
    let log = Log::new();
    let there = log.clone();
    handle
        .on(move |a: &A, events| {
            there.add(format!("outer {}", a.0));
            if a.0 == 1 {
                let there = there.clone();
                events
                    .on(move |a: &A, _| there.add(format!("inner {}", a.0)))
                    .unwrap();
            }
        })
        .unwrap();
    for n in 1..=2 {
        handle.emit(A(n)).unwrap();
        events.run_until_idle();
    }
    assert_eq!(log.take(), ["outer 1", "outer 2", "inner 2"]);
}

/// The same at once, by who has the loop itself.
#[test]
fn a_handler_that_is_registered_during_an_event_does_not_get_that() {
    let events = Rc::new(EventLoop::new());
    let handle = events.handle();
    let log = Log::new();
    let (mine, there) = (Rc::downgrade(&events), log.clone());
    events.on(move |a: &A, _| {
        let there = there.clone();
        there.add(("outer", a.0));
        let events = mine.upgrade().unwrap();
        events.on(move |a: &A, _| there.add(("inner", a.0)));
    });
    handle.emit(A(1)).unwrap();
    handle.emit(A(2)).unwrap();
    events.run_until_idle();
    assert_eq!(log.take(), [("outer", 1), ("outer", 2), ("inner", 2)]);
}

/// Removed, it is not called any more, also not for what was emitted before; also from inside itself, and
/// from inside another.
#[test]
fn a_removed_handler_is_not_called_any_more() {
    let events = EventLoop::new();
    let handle = events.handle();
    let log = Log::new();
    let slot: Rc<RefCell<Vec<Handler>>> = Rc::default();
    let (mine, once) = (Rc::clone(&slot), log.clone());
    let handler_one = events.on(move |a: &A, _| {
        once.add(("one", a.0));
        for handler in &*mine.borrow() {
            assert_eq!(handler.remove(), a.0 == 1);
        }
    });
    let (two, three) = (log.clone(), log.clone());
    let handler_two = events.on(move |a: &A, _| two.add(("two", a.0)));
    let _stays = events.on(move |a: &A, _| three.add(("three", a.0)));
    slot.borrow_mut().extend([handler_one, handler_two]);
    handle.emit(A(1)).unwrap();
    handle.emit(A(2)).unwrap();
    events.run_until_idle();
    assert_eq!(log.take(), [("one", 1), ("three", 1), ("three", 2)]);
    assert!(slot.borrow().iter().all(|handler| !handler.is_active()));
}

/// Of five, the one before and the one behind go from inside the third: the others are called, in their order, and so
/// is one that comes then.
#[test]
fn who_stays_is_called_in_order_when_others_are_removed() {
    let events = EventLoop::new();
    let handle = events.handle();
    let log = Log::new();
    let slot: Rc<RefCell<Vec<Handler>>> = Rc::default();
    for n in 1..=5 {
        let (log, all) = (log.clone(), Rc::clone(&slot));
        let handler = events.on(move |a: &A, _| {
            log.add((n, a.0));
            if n == 3 && a.0 == 1 {
                assert!(all.borrow()[1].remove() && all.borrow()[3].remove());
            }
        });
        slot.borrow_mut().push(handler);
    }
    handle.emit(A(1)).unwrap();
    events.run_until_idle();
    let late = log.clone();
    let _late = events.on(move |a: &A, _| late.add((6, a.0)));
    handle.emit(A(2)).unwrap();
    events.run_until_idle();
    let called = [
        (1, 1),
        (2, 1),
        (3, 1),
        (5, 1),
        (1, 2),
        (3, 2),
        (5, 2),
        (6, 2),
    ];
    assert_eq!(log.take(), called);
}

/// The function of a removed handler is dropped, and with the last one its type is unknown again.
#[test]
fn a_removed_handler_is_dropped() {
    let events = EventLoop::new();
    let handle = events.handle();
    let held = Rc::new(());
    let here = Rc::clone(&held);
    let handler = events.on(move |_: &A, _| drop(Rc::clone(&here)));
    assert_eq!(Rc::strong_count(&held), 2);
    handle.emit(A(1)).unwrap();
    assert!(handler.remove());
    assert!(!handler.remove());
    events.run_until_idle();
    assert_eq!((Rc::strong_count(&held), handle.ignored()), (1, 1));
}

#[test]
fn topics_go_by_name_and_type() {
    let events = EventLoop::new();
    let told = notices(&events);
    let handle = events.handle();
    let log = Log::new();
    for topic in ["x", "y"] {
        let log = log.clone();
        handle
            .on_topic(topic, move |n: &u32, _| log.add(format!("{topic}{n}")))
            .unwrap();
    }
    let text = log.clone();
    events.on_topic("x", move |s: &String, events| {
        text.add(s.clone());
        events.emit_topic("y", 3_u32).unwrap();
    });
    handle.emit_topic("x", 1_u32).unwrap();
    handle.emit_topic("x", "text".to_owned()).unwrap();
    handle.emit_topic("y", 2_u32).unwrap();
    handle.emit_topic("y", 'c').unwrap();
    handle.emit(1_u32).unwrap();
    events.run_until_idle();
    assert_eq!(log.take(), ["x1", "text", "y2", "y3"]);
    assert_eq!(
        told.take(),
        [
            "nobody handles the topic \"y\" with a char",
            "nobody handles the event u32"
        ]
    );
}

/// A panic of a handler reaches nobody: the next handler is called, and this one for the next event.
#[test]
fn a_panic_of_a_handler_is_told_and_the_loop_goes_on() {
    let events = EventLoop::new();
    let told = notices(&events);
    let handle = events.handle();
    let log = Log::new();
    let (bad, good) = (log.clone(), log.clone());
    let line = line!() + 1;
    events.on(move |a: &A, _| {
        assert!(a.0 != 1, "no {}", a.0);
        bad.add(("bad", a.0));
    });
    events.on(move |a: &A, _| good.add(("good", a.0)));
    handle.emit(A(1)).unwrap();
    handle.emit(A(2)).unwrap();
    handle.call(|| std::panic::panic_any(Bomb)).unwrap();
    handle.call(log.adds(("call", 3))).unwrap();
    events.run_until_idle();
    assert_eq!(
        log.take(),
        [("good", 1), ("bad", 2), ("good", 2), ("call", 3)]
    );
    let told = told.take();
    assert_eq!(told.len(), 2);
    let place = format!("{}:{line}:", file!());
    assert!(told[0].contains(&place) && told[0].ends_with("panicked: no 1"));
    assert!(told[1].ends_with("panicked: a panic without a text message"));
}

/// A payload that panics again when it is dropped.
struct Bomb;

impl Drop for Bomb {
    fn drop(&mut self) {
        panic!("again");
    }
}

/// The hook may use the loop, set another, and panic.
#[test]
fn a_notice_hook_may_do_anything() {
    let events = Rc::new(EventLoop::new());
    let log = Log::new();
    let (mine, inner) = (Rc::downgrade(&events), log.clone());
    events.on_notice(move |_| {
        let events = mine.upgrade().unwrap();
        events.handle().emit(2_u64).unwrap();
        let inner = inner.clone();
        events.on_notice(move |notice| {
            inner.add(notice.to_string());
            panic!("the hook itself");
        });
    });
    let handle = events.handle();
    handle.emit(1_u8).unwrap();
    events.run_until_idle();
    handle.emit(3_u16).unwrap();
    events.run_until_idle();
    assert_eq!(
        log.take(),
        [
            "nobody handles the event u64",
            "nobody handles the event u16"
        ]
    );
}
