//! `flow!`: what runs at once, what waits for what, and how it ends.
//!
//! `EV-065` and its like are behaviours of Lamina, Manifold and promesa that a test checks, `AX-02` and
//! its like programs that have to run.
#![allow(
    clippy::let_unit_value,
    clippy::manual_unwrap_or_default,
    clippy::no_effect_underscore_binding,
    clippy::trivially_copy_pass_by_ref,
    clippy::useless_vec,
    reason = "what a binding does is what is tested, not what it gives"
)]

mod rules;

use std::{
    cell::{Cell, RefCell},
    collections::HashMap,
    convert::Infallible,
    pin::pin,
    rc::Rc,
    sync::{
        Mutex,
        atomic::{AtomicUsize, Ordering},
    },
    task::{Context, Poll, Waker},
};

use csp::{block_on, dynamic, prelude::*};

use crate::util::{Census, failure_of, on_one_worker, outcome, parked, run_idle, value};

#[derive(Debug, PartialEq, Eq)]
struct Error(&'static str);

/// Who has done what, in order.
#[derive(Default)]
struct Log(Mutex<Vec<String>>);

impl Log {
    fn note(&self, what: impl Into<String>) {
        self.0.lock().unwrap().push(what.into());
    }

    /// Notes the start, yields a few times, notes the end.
    async fn run<T>(&self, name: &str, turns: usize, value: T) -> T {
        self.note(format!("+{name}"));
        for _ in 0..turns {
            yield_now().await;
        }
        self.note(format!("-{name}"));
        value
    }

    fn all(&self) -> String {
        self.0.lock().unwrap().join(" ")
    }
}

async fn number(n: u32) -> Result<u32, Error> {
    yield_now().await;
    Ok(n)
}

async fn fails<T>(why: &'static str) -> Result<T, Error> {
    yield_now().await;
    Err(Error(why))
}

/// One poll, by a waker that nobody looks at.
fn poll<F: Future>(future: std::pin::Pin<&mut F>) -> Poll<F::Output> {
    future.poll(&mut Context::from_waker(Waker::noop()))
}

/// EV-065, EV-140: what does not name each other runs at once: each of these waits for the other, at a
/// channel that holds nothing.
#[test]
fn ev_065_independent_bindings_run_at_once() {
    let (tx, rx) = chan(0);
    let (back_tx, back) = chan(0);
    let sum = block_on(flow! {
        let sent = { put!(tx, 1).unwrap(); take!(back).unwrap() };
        let got = { let n = take!(rx).unwrap(); put!(back_tx, n + 1).unwrap(); n };
        sent + got
    });
    assert_eq!(sum, 3);
}

/// EV-065: nested tasks, maps of tasks, destructuring, conditions.
#[test]
fn ev_065_values_of_many_kinds() {
    let all: Result<_, Error> = block_on(flow! {
        let (a, b) = (number(1).await?, number(2).await?);
        let inner = flow! { let x = number(3).await?; let y = number(4).await?; Ok::<_, Error>(x + y) }.await?;
        let map = HashMap::from([("k", number(5).await?)]);
        let chosen = if let Some(n) = map.get("k") { *n } else { fails("not run").await? };
        let mut sum = 0;
        {
            for n in [a, b, inner, chosen] { sum += n; }
            Ok((sum, map.len()))
        }
    });
    assert_eq!(all, Ok((15, 1)));
}

/// AX-03
#[test]
fn ax_03_sum_of_eventual_numbers() {
    let request = || {
        go!({
            yield_now().await;
            40
        })
    };
    let sum =
        on_one_worker(
            async move { flow! { let asked = request().await.unwrap(); 2 + asked }.await },
        );
    assert_eq!(sum, 42);
}

struct Session {
    history: Option<&'static str>,
    location: Option<&'static str>,
}

struct Services {
    log: Log,
    session: fn() -> Session,
}

impl Services {
    async fn session(&self, _: &str) -> Result<Session, Error> {
        Ok(self.log.run("session", 1, (self.session)()).await)
    }
    async fn history(&self, _: &str) -> Result<String, Error> {
        Ok(self.log.run("history", 1, "h".to_owned()).await)
    }
    async fn location(&self, _: &str) -> Result<String, Error> {
        Ok(self.log.run("location", 1, "l".to_owned()).await)
    }
    async fn answer(&self, req: &str) -> Result<String, Error> {
        flow! {
            let session = self.session(req).await?;
            let history = match session.history { Some(h) => h.to_owned(), None => self.history(req).await? };
            let location = match &session.location { Some(l) => (*l).to_owned(), None => self.location(req).await? };
            respond(req, session, history, location)
        }
        .await
    }
}

#[expect(clippy::unnecessary_wraps, reason = "a step of a flow that may fail")]
fn respond(req: &str, _: Session, history: String, location: String) -> Result<String, Error> {
    Ok(format!("{req} {history} {location}"))
}

/// AX-02: the two services run at once, and only if they have to.
#[test]
fn ax_02_request_workflow() {
    for (session, log) in [
        (
            (|| Session {
                history: None,
                location: None,
            }) as fn() -> Session,
            "+session -session +history +location -history -location",
        ),
        (
            || Session {
                history: Some("h"),
                location: None,
            },
            "+session -session +location -location",
        ),
        (
            || Session {
                history: Some("h"),
                location: Some("l"),
            },
            "+session -session",
        ),
    ] {
        let services = Services {
            log: Log::default(),
            session,
        };
        assert_eq!(block_on(services.answer("r")), Ok("r h l".to_owned()));
        assert_eq!(services.log.all(), log);
    }
}

/// AX-05: a statement is a prerequisite of what follows; with `detach` only its outcome is ignored.
#[test]
fn ax_05_force() {
    let calls = AtomicUsize::new(0);
    let database = || async {
        calls.fetch_add(1, Ordering::SeqCst);
        number(7).await
    };
    let forced: Result<u32, Error> = block_on(flow! {
        fails::<()>("moon base").await?;
        let found = database().await?;
        Ok(found)
    });
    assert_eq!(
        (forced, calls.load(Ordering::SeqCst)),
        (Err(Error("moon base")), 0)
    );
    let unforced = block_on(flow! {
        detach fails::<()>("moon base").await?;
        let found = database().await?;
        Ok::<_, Error>(found)
    });
    assert_eq!((unforced, calls.load(Ordering::SeqCst)), (Ok(7), 1));
}

/// AX-06, EV-066: try and catch are a `match`; what is tried may be more than one thing, and what is
/// done about it may wait.
#[test]
fn ax_06_ev_066_try_and_catch() {
    let log = Log::default();
    let answer: Result<_, Error> = block_on(flow! {
        let history = match fails::<Vec<u32>>("history").await { Ok(h) => h, Err(_) => vec![] };
        let caught = match async { Ok(number(1).await? + fails::<u32>("b").await?) }.await {
            Ok(n) => n,
            Err(Error("a")) => 10,
            Err(Error("b")) => log.run("catch", 1, 20).await,
            Err(other) => return Err(other),
        };
        let finally = { let tried = number(3).await; log.note("finally"); tried? };
        Ok((history, caught, finally))
    });
    assert_eq!(answer, Ok((vec![], 20, 3)));
    assert!(log.all().contains("finally") && log.all().contains("-catch"));
}

/// EV-067: a function that calls itself through a flow, 100 deep.
#[test]
fn ev_067_recursion() {
    async fn down((n, step): (u32, u32)) -> Result<u32, Error> {
        if n == 0 {
            return Ok(0);
        }
        flow! {
            let rest = Box::pin(down((n - step, step))).await?;
            let own = number(1).await?;
            Ok(rest + own)
        }
        .await
    }
    assert_eq!(block_on(down((100, 1))), Ok(100));
}

/// EV-068: statements run in the order of the source, and bindings wait for those before them.
#[test]
fn ev_068_prerequisites() {
    let log = Log::default();
    let when = true;
    block_on(flow! {
        let _free = log.run("free", 1, ()).await;
        log.run("1", 3, ()).await;
        if when { log.run("2", 2, ()).await; }
        let _a = log.run("a", 1, ()).await;
        let _b = log.run("b", 1, ()).await;
        log.run("3", 0, ()).await;
        // Without a semicolon: the body, which waits for all.
        log.note("body")
    });
    assert_eq!(log.all(), "+free +1 -free -1 +2 -2 +a +b +3 -3 -a -b body");
}

/// EV-069: takes from one channel take in the order of the source, forced or not.
#[test]
fn ev_069_takes_in_source_order() {
    let (tx, rx) = chan(4);
    for n in 1..=4 {
        tx.try_put(n).unwrap();
    }
    let at_once = block_on(flow! { let a = take!(rx); let b = take!(rx); (a, b) });
    let forced = block_on(flow! {
        assert_eq!(take!(rx), Some(3));
        let d = take!(rx);
        d
    });
    assert_eq!((at_once, forced), ((Some(1), Some(2)), Some(4)));
}

/// EV-070: loops inside of bindings, with `break` and labels.
#[test]
fn ev_070_loops() {
    let (tx, rx) = chan(0);
    let done: Result<_, Error> = block_on(flow! {
        let sum = { let mut sum = 0; for n in 0..50 { sum += number(n).await?; } sum };
        let drained = { let mut all = vec![]; while let Some(n) = take!(rx) { all.push(n); } all };
        let put = { for n in 0..5 { put!(tx, n).unwrap(); } drop(tx); };
        let found = 'outer: loop { for n in 0.. { if n == 7 { break 'outer n; } } };
        Ok((sum, drained, put, found))
    });
    assert_eq!(done, Ok((1225, vec![0, 1, 2, 3, 4], (), 7)));
}

/// EV-140: a binding that nobody names is waited for as well; nested flows; dynamic bindings.
#[test]
fn ev_140_bindings_for_their_effects() {
    dynamic! { static USER: &'static str = "nobody"; }
    let log = Log::default();
    let outside = async { 1 };
    let seen = block_on(flow! {
        let closed_over = outside.await;
        let _effect = log.run("effect", 5, ()).await;
        let inner = flow! { let a = log.run("inner", 1, 1).await; a + closed_over }.await;
        { log.note("body"); inner + closed_over }
    });
    assert_eq!(seen, 3);
    assert!(log.all().ends_with("-effect body"), "{}", log.all());
    let user = binding!(USER = "somebody" => go!({
        flow! { let a = { yield_now().await; USER.get() }; let b = USER.get(); (a, b) }.await
    }));
    assert_eq!(value(user), ("somebody", "somebody"));
}

/// EV-214: only what is named is waited for: the other branch is never ready.
#[test]
fn ev_214_waits_for_what_it_names_alone() {
    let (tx, rx) = chan::<u32>(0);
    let log = Log::default();
    let mut flow = pin!(flow! {
        let slow = take!(rx);
        let fast = 1;
        let next = alt! { n = park!(async { fast + 1 }) => n, _ = take!(timeout(secs(3600))) => 0 };
        let last = { log.note("last"); next + 1 };
        (slow, last)
    });
    assert!(poll(flow.as_mut()).is_pending());
    assert_eq!(log.all(), "last");
    drop(tx);
    assert_eq!(poll(flow), Poll::Ready((None, 3)));
}
