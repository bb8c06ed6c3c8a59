//! Threads that sleep in operations are listed, with what they wait for.

use std::thread::{Builder, yield_now};

use csp::{Go, Op, inspect::BlockedThread, prelude::*};

/// What the thread of this name waits for, once it does.
fn waiting(name: &str) -> BlockedThread {
    loop {
        let all = csp::inspect::blocked();
        let found = all
            .into_iter()
            .find(|thread| thread.name.as_deref() == Some(name));
        match found {
            Some(thread) => return thread,
            None => yield_now(),
        }
    }
}

fn is_listed(name: &str) -> bool {
    let all = csp::inspect::blocked();
    all.iter()
        .any(|thread| thread.name.as_deref() == Some(name))
}

/// Runs `sleep` on a thread of this name; gives what it waits for; ends it with `end`.
fn seen(name: &str, sleep: impl FnOnce() + Send + 'static, end: impl FnOnce()) -> BlockedThread {
    let thread = Builder::new().name(name.to_owned()).spawn(sleep).unwrap();
    let seen = waiting(name);
    end();
    thread.join().unwrap();
    assert!(!is_listed(name), "{name} is gone");
    seen
}

#[test]
fn a_take_and_a_put_tell_place_and_channel() {
    let (tx, rx) = chan::<u32>(0);
    let (id_of_tx, rx_too) = (format!("{tx:?}"), rx.clone());
    let took = seen(
        "takes",
        move || assert_eq!(rx_too.take_blocking(), Some(1)),
        || tx.put_blocking(1).unwrap(),
    );
    let site = took.site.unwrap();
    assert_eq!((site.op(), site.file()), (Op::Take, file!()));
    let channel = took.channel.unwrap();
    assert!(id_of_tx.contains(&format!("id: {channel},")), "{id_of_tx}");
    assert!(took.id.starts_with("ThreadId("));
    assert!(took.since.is_some());

    let put = seen(
        "puts",
        move || tx.put_blocking(2).unwrap(),
        || assert_eq!(rx.take_blocking(), Some(2)),
    );
    assert_eq!(put.site.unwrap().op(), Op::Put);
    assert_eq!(put.channel, Some(channel));
}

#[test]
fn a_sleep_with_a_limit_is_listed_too() {
    let (tx, rx) = chan::<u32>(0);
    let thread = seen(
        "limited",
        move || assert_eq!(rx.take_blocking_for(secs(1000)), Ok(Some(1))),
        || tx.put_blocking(1).unwrap(),
    );
    assert_eq!(thread.site.unwrap().op(), Op::Take);
}

#[test]
fn waiting_for_a_block_tells_the_line_of_the_wait() {
    let (tx, rx) = chan::<()>(0);
    let block: Go<()> = go!({
        take!(rx);
    });
    let line = line!() + 1;
    let thread = seen("waits", move || block.wait().unwrap(), || drop(tx));
    let site = thread.site.unwrap();
    assert_eq!((site.op(), site.line()), (Op::Park, line));
    assert_eq!(thread.channel, None);
}

#[test]
fn an_alts_is_told_as_such() {
    let (tx, a) = chan::<u32>(0);
    let (_tx, b) = chan::<u32>(0);
    let thread = seen(
        "chooses",
        move || alt_blocking! { _ = take!(a) => (), _ = take!(b) => () },
        || tx.put_blocking(1).unwrap(),
    );
    assert_eq!(thread.site.unwrap().op(), Op::Alt);
}

/// What a thread waited for before says nothing about what it waits for now.
#[test]
fn the_place_is_the_one_of_the_present_sleep() {
    let (tx, rx) = chan::<u32>(0);
    let (done, ended) = chan::<u32>(0);
    let name = "twice";
    let sleep = move || {
        assert_eq!(rx.take_blocking(), Some(1));
        csp::block_on(async {
            let () = std::future::poll_fn(|cx| {
                // A foreign future: woken by a thread that takes from the channel.
                if ended.is_closed() {
                    return std::task::Poll::Ready(());
                }
                let (waker, ended) = (cx.waker().clone(), ended.clone());
                std::thread::spawn(move || {
                    ended.take_blocking();
                    waker.wake();
                });
                std::task::Poll::Pending
            })
            .await;
        });
    };
    let thread = Builder::new().name(name.to_owned()).spawn(sleep).unwrap();
    assert!(waiting(name).channel.is_some());
    tx.put_blocking(1).unwrap();
    loop {
        let now = waiting(name);
        if now.channel.is_none() {
            assert_eq!(now.site.unwrap().op(), Op::Park);
            break;
        }
    }
    drop(done);
    thread.join().unwrap();
}
