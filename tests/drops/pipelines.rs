//! Runs of pipelines, calls of clients, handlers of servers, pings of flows.

use csp::{
    Error, Pipeline, chan,
    pipeline::{Recover, complete, next, restart},
    requests::{client, persistent, serve},
    secs, sleep, yield_now,
};

use crate::harness::{Item, Kept, Scene, dropped_at_every_event};

#[test]
fn a_run_of_a_pipeline() {
    dropped_at_every_event("Pipeline::run", |book| {
        let inner = Pipeline::<Item, Item>::builder()
            .stage(|item| {
                csp::promise::go_try(async move {
                    yield_now().await;
                    Ok::<_, Error>(item)
                })
            })
            .build();
        let pipeline = Pipeline::<Item, Item>::builder()
            .map(|item| item)
            .nest(&inner)
            .wait(secs(1))
            .step(|mut item: Item| {
                item.n += 1;
                match item.n {
                    3 => complete(item),
                    2 => restart(item),
                    _ => next(item),
                }
            })
            .on_error(|_, _| Recover::Propagate)
            .build();
        let item = book.value(1);
        Scene::new(async move {
            let item = pipeline.run(item).await.expect("it ends well");
            assert_eq!(item.n, 3);
            item.taken();
        })
        // The value itself, and the clones of the input for a restart.
        .may_drop(4)
        .always_drops(3)
    });
}

/// A call that nobody waits for any more; the client goes on with the others.
#[test]
fn a_call_of_a_client() {
    dropped_at_every_event("Client::call, call_when_room, closed", |book| {
        let client = client(|| async {
            let (requests, to_serve) = chan(0);
            let (answers, rx) = chan(0);
            serve(to_serve, answers, |item: Item| async move {
                yield_now().await;
                Ok::<_, Error>(item)
            })
            .pipelined(2)
            .limit(secs(5))
            .start();
            Ok::<_, Error>((requests, rx))
        });
        let client = client.pipelined(2).timeout(secs(60)).waiting(1).start();
        let other = client.clone();
        let theirs = book.value(50);
        let later = book.value(51);
        csp::go!({
            match other.call(theirs).await {
                Ok(item) => item.taken(),
                Err(failure) => {
                    if let csp::Failure::Error(error) = failure {
                        error.into_request().into_iter().for_each(Item::taken);
                    }
                }
            }
        });
        let (mine, more) = (book.value(1), book.value(2));
        let keep = client.clone();
        let ends: Kept<Item> = crate::harness::kept();
        ends.set(Some(later));
        Scene::new(async move {
            client
                .call_when_room(mine)
                .await
                .await
                .expect("it is answered")
                .taken();
            client
                .call_when_room(more)
                .await
                .await
                .expect("it is answered")
                .taken();
            client.close();
            client.closed().await;
        })
        // Both requests of the caller, or their answers.
        .may_drop(2)
        .then(move || {
            let later = ends.take().expect("it is there");
            if keep.is_closed() {
                later.taken();
                return;
            }
            csp::go!({
                // The client still answers others, unless it was closed meanwhile.
                match keep.call(later).await {
                    Ok(item) => item.taken(),
                    Err(csp::Failure::Error(error)) => {
                        error.into_request().into_iter().for_each(Item::taken);
                    }
                    Err(failure) => panic!("{failure}"),
                }
            });
        })
    });
}

/// Attempts to connect, dropped at every moment, leave no conversation behind.
#[test]
fn an_attempt_to_connect() {
    dropped_at_every_event("Persistent::connect", |book| {
        let book = book.clone();
        let mut attempts = 0;
        let mut line = persistent(move || {
            attempts += 1;
            let fails = attempts % 3 != 0;
            let book = book.clone();
            async move {
                yield_now().await;
                if fails {
                    return Err("nobody listens");
                }
                let (requests, to_serve) = chan::<Item>(0);
                let (_answers, rx) = chan::<Item>(0);
                book.eat(to_serve);
                Ok((requests, rx))
            }
        });
        Scene::new(async move {
            for _ in 0..2 {
                let conversation = line.connect().await;
                sleep(secs(1)).await;
                drop(conversation);
            }
        })
    });
}
