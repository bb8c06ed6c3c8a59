//! Several workers, real time, and conversations that break all the time.

use std::sync::{
    Arc,
    atomic::{AtomicBool, AtomicU32, Ordering},
};

use csp::{
    Error, Failure, Runtime,
    prelude::*,
    requests::{Client, Setup, Why, client, serve},
};

const CALLERS: u32 = 8;
const CALLS: u32 = 2000;

/// Each request is handled so many times.
type Handled = Arc<Vec<AtomicU32>>;

fn setup(handled: &Handled) -> Setup<u32, u32> {
    let handled = Arc::clone(handled);
    client(move || {
        let handled = Arc::clone(&handled);
        async move {
            let (requests, to_serve) = chan(3);
            let (to, answers) = chan(2);
            let handle = move |n: u32| {
                let times = handled[n as usize].fetch_add(1, Ordering::Relaxed);
                async move {
                    // Some yield, so that later ones overtake.
                    for _ in 0..n % 4 {
                        yield_now().await;
                    }
                    // One in 64 breaks the conversation, the first time.
                    if n % 64 == 63 && times == 0 {
                        return Err(Error::from("broken"));
                    }
                    Ok(n + 1)
                }
            };
            serve(to_serve, to, handle).pipelined(4).start();
            Ok::<_, Error>((requests, answers))
        }
    })
    .pipelined(8)
    .waiting(16)
}

fn handled() -> Handled {
    Arc::new((0..CALLERS * CALLS).map(|_| AtomicU32::new(0)).collect())
}

/// Calls with all numbers, from several blocks, and resets the client now and then.
fn load<F>(client: &Client<u32, u32>, rt: &Runtime, call: impl Fn(Client<u32, u32>, u32) -> F)
where
    F: Future<Output = ()> + Send + 'static,
{
    let over = Arc::new(AtomicBool::new(false));
    let callers: Vec<_> = (0..CALLERS)
        .map(|caller| {
            let calls: Vec<_> = (0..CALLS)
                .map(|n| call(client.clone(), caller * CALLS + n))
                .collect();
            rt.go(async move {
                for call in calls {
                    call.await;
                }
            })
        })
        .collect();
    let resets = rt.go({
        let (client, over) = (client.clone(), Arc::clone(&over));
        async move {
            while !over.load(Ordering::Relaxed) {
                for _ in 0..2000 {
                    yield_now().await;
                }
                client.reset();
            }
        }
    });
    for caller in callers {
        caller.wait().unwrap();
    }
    over.store(true, Ordering::Relaxed);
    resets.wait().unwrap();
}

fn ended(rt: Runtime) {
    while rt.live() > 0 {
        std::thread::yield_now();
    }
    rt.shutdown(secs(10)).unwrap();
}

#[test]
fn at_most_once_and_every_answer_to_its_own_call() {
    let rt = Runtime::builder().workers(4).build();
    let entered = rt.enter();
    let handled = handled();
    let client = setup(&handled).start();
    let lost = Arc::new(AtomicU32::new(0));
    load(&client, &rt, |client, n| {
        let (handled, lost) = (Arc::clone(&handled), Arc::clone(&lost));
        async move {
            let promise = client.call_when_room(n).await;
            if n % 7 == 0 {
                promise.cancel();
            }
            let handled = || handled[n as usize].load(Ordering::Relaxed);
            match promise.await {
                Ok(answer) => assert_eq!((answer, handled()), (n + 1, 1)),
                Err(Failure::Cancelled) => assert!(n % 7 == 0),
                Err(Failure::Error(error)) => {
                    assert!(matches!(error.why(), Why::Lost(_)), "{error}");
                    assert!(error.was_sent());
                    lost.fetch_add(1, Ordering::Relaxed);
                }
                Err(failure) => panic!("{failure}"),
            }
        }
    });
    assert!(handled.iter().all(|n| n.load(Ordering::Relaxed) <= 1));
    assert!(
        lost.load(Ordering::Relaxed) > 0,
        "nothing was put to the test"
    );
    drop((client, entered));
    ended(rt);
}

#[test]
fn repeated_until_answered() {
    let rt = Runtime::builder().workers(4).build();
    let entered = rt.enter();
    let handled = handled();
    let client = setup(&handled).repeat_lost().start();
    load(&client, &rt, |client, n| async move {
        assert_eq!(client.call_when_room(n).await.await.unwrap(), n + 1);
    });
    assert!(handled.iter().all(|n| n.load(Ordering::Relaxed) >= 1));
    drop((client, entered));
    ended(rt);
}
