//! Stages of every kind, one after the other.

use csp::{
    Error, Promise, Runtime,
    pipeline::{Pipeline, Stages, next},
    prelude::*,
    promise::go_try,
};

use crate::util::promises::{Log, Stage, failure, value};

type Numbers = Stages<u32, u32, Error, u32>;

fn numbers() -> Numbers {
    Pipeline::builder()
}

/// `count` stages of a kind.
fn many(count: u32, add: impl Fn(Numbers) -> Numbers) -> Pipeline<u32, u32> {
    let mut stages = numbers();
    for _ in 0..count {
        stages = add(stages);
    }
    stages.build()
}

/// EV-030: pipelines of 0 to 9 stages, plain, delayed, on an executor, eventual, nested.
#[test]
fn ev_030_any_number_of_stages_of_any_kind() {
    let rt = Runtime::builder().workers(1).build();
    let inc = numbers().map(|n| n + 1).build();
    for count in 0..=9 {
        let kinds = [
            many(count, |stages| stages.map(|n| n + 1)),
            many(count, |stages| stages.stage(|n| Ok(n + 1))),
            many(count, |stages| stages.stage(|n| Promise::ready(n + 1))),
            many(count, |stages| {
                stages.stage(|n| Promise::ready(n + 1).shared())
            }),
            many(count, |stages| stages.stage(|n| go!({ n + 1 }))),
            many(count, |stages| stages.stage(|n| thread(move || n + 1))),
            many(count, |stages| stages.wait(ms(1)).map(|n| n + 1)),
            many(count, |stages| stages.step(|n| next(n + 1))),
            many(count, |stages| stages.nest(&inc)),
            many(count, |stages| {
                let inc = inc.clone();
                stages.stage(move |n| inc.run(n))
            }),
            many(count, |stages| stages.map(|n| n + 1).on(&rt)),
        ];
        for (kind, pipeline) in kinds.iter().enumerate() {
            assert_eq!(value(pipeline.run(0)), count, "kind {kind}");
            assert_eq!(value(pipeline.run(7)), 7 + count, "kind {kind}, again");
        }
    }
}

/// EV-058: a thousand stages at once, a thousand on a pool, a hundred slow ones.
#[test]
fn ev_058_long_pipelines() {
    let sync = many(1000, |stages| stages.map(|n| n + 1));
    assert_eq!(value(sync.run(0)), 1000);
    let pool = many(1000, |stages| stages.stage(|n| thread(move || n + 1)));
    assert_eq!(value(pool.run(0)), 1000);
    let slow = many(100, |stages| stages.map(|n| n + 1).wait(ms(1)));
    assert_eq!(value(slow.run(0)), 100);
}

/// The stages of a run that is ready throughout run in one turn of its block: it neither parks nor yields.
#[test]
fn ready_stages_do_not_park() {
    let stage = Stage::new();
    let nested = numbers().build();
    let stages = many(20, |stages| {
        stages.stage(|n| Promise::ready(n + 1)).nest(&nested)
    });
    let seen = stage.start(|| {
        let run = stages.run(0);
        // Its first turn comes after the first of the run.
        go!({ run.now().ok() })
    });
    assert_eq!(stage.run(seen).unwrap().unwrap().unwrap(), 20);
}

/// The value changes its type on the way, and needs to be no more than `Send`.
#[test]
fn values_of_any_type() {
    struct NotClone(std::cell::Cell<u8>);
    let pipeline = Pipeline::<NotClone, String>::builder()
        .map(|NotClone(cell)| Some(cell))
        .stage(|cell| Ok(cell.ok_or("nothing")?.into_inner()))
        .map(|byte| (byte, vec![byte; 3]))
        .inspect(|(byte, bytes)| assert_eq!(bytes.len(), usize::from(*byte)))
        .map(|(_, bytes)| format!("{bytes:?}"))
        .build();
    assert_eq!(value(pipeline.run(NotClone(3.into()))), "[3, 3, 3]");
}

/// Runs of one pipeline do not know of each other.
#[test]
fn many_runs_at_once() {
    let (tx, rx) = chan(0);
    let sum = Pipeline::<u32, u32>::builder()
        .take_merge(rx, |n, taken| n + taken.unwrap_or(1000))
        .stage(|n| go!({ n }))
        .build();
    let runs: Vec<_> = (0..100).map(|_| sum.run(0)).collect();
    for n in 1..=100 {
        tx.put_blocking(n).unwrap();
    }
    let mut sums: Vec<_> = runs.into_iter().map(value).collect();
    sums.sort_unstable();
    assert!(sums.into_iter().eq(1..=100));
    drop(tx);
    assert_eq!(value(sum.run(0)), 1000);
}

/// A stage shows the value, waits, reads, and the order is that of the text.
#[test]
fn inspect_wait_and_read_merge() {
    let log = Log::<String>::new();
    let (a, b) = (log.clone(), log.clone());
    let pipeline = Pipeline::<u32, String>::builder()
        .inspect(move |n| a.add(format!("saw {n}")))
        .wait(ms(1))
        .read_merge(
            || go_try(async { Ok("forty") }),
            |n, read| format!("{read}-{n}"),
        )
        .read_merge(|| Ok(1_u8), |text, read| format!("{text} {read}"))
        .inspect(move |text| b.add(text.clone()))
        .build();
    assert_eq!(value(pipeline.run(2)), "forty-2 1");
    assert_eq!(log.entries(), ["saw 2", "forty-2 1"]);
    let fails = Pipeline::<u32, u32>::builder()
        .read_merge(|| Promise::<u32>::failed("unreadable"), |a, b| a + b)
        .build();
    assert_eq!(failure(fails.run(0)), "unreadable");
    let fails = Pipeline::<u32, u32>::builder()
        .read_merge(
            || go_try(async { Err::<u32, _>("unreadable later".into()) }),
            |a, b| a + b,
        )
        .build();
    assert_eq!(failure(fails.run(0)), "unreadable later");
}

/// EV-013 for pipelines: a run that is cancelled while it waits for a message takes none.
#[test]
fn a_cancelled_read_takes_nothing() {
    let stage = Stage::new();
    let (tx, rx) = chan::<u32>(1);
    let read = Pipeline::<(), Option<u32>>::builder()
        .take_merge(rx.clone(), |(), taken| taken)
        .build();
    let run = stage.with(|| read.run(()));
    assert!(!run.is_settled());
    assert!(run.cancel());
    tx.try_put(5).unwrap();
    stage.idle();
    assert!(run.is_cancelled());
    assert_eq!(rx.try_take(), Ok(5));
}

/// What is printed of them tells where they were made.
#[test]
fn debug() {
    let pipeline = numbers().map(|n| n + 1).build();
    let text = format!("{pipeline:?}");
    assert!(text.contains("stages.rs:"), "{text}");
    assert!(text.contains("stages: 1"), "{text}");
    let redirect = format!("{:?}", pipeline.redirect(1));
    assert!(redirect.starts_with("Redirect"), "{redirect}");
    assert!(format!("{:?}", numbers()).contains("stages: 0"));
    let stage = Stage::new();
    let run = stage.with(|| numbers().stage(|_| Promise::pending()).build().run(0));
    let text = format!("{run:?}");
    assert!(text.contains("waits_for"), "{text}");
    assert!(text.contains("stages.rs:"), "{text}");
    run.ignore();
}

/// A name needs a stage.
#[test]
#[should_panic(expected = "call `named` after the stage that it names")]
fn a_name_without_a_stage() {
    drop(numbers().named("first"));
}
