//! What a panic of the user's does: the stream fails and says so, after what came before, and the source is
//! let go.

use csp::{
    Receiver, Sender, Stream,
    prelude::*,
    stream::{combine_latest, interval, zip_latest},
};

use crate::util::{failure, run};

/// A source of which 3 makes things panic. Its sender tells whether it was let go.
fn numbers() -> (Sender<u32>, Receiver<u32>) {
    let (tx, rx) = chan(8);
    for n in 1..=4 {
        tx.try_put(n).unwrap();
    }
    (tx, rx)
}

fn no_three(n: u32) -> u32 {
    assert_ne!(n, 3, "not three");
    n
}

/// What came before the end, and what that was.
async fn outcome<X>(out: Stream<X>) -> (Vec<X::Out>, String)
where
    X: Transducer<In: Send + 'static, Out: Send + 'static> + Send + 'static,
{
    let rx = out.receiver();
    let mut values = vec![];
    while let Some(value) = take!(rx) {
        values.push(value);
    }
    (values, failure(&rx).expect("it fails"))
}

#[track_caller]
fn says(message: &str, what: &str) {
    let (start, end) = (format!("{what} panicked: "), "not three");
    assert!(
        message.starts_with(&start) && message.contains(end),
        "{message}"
    );
}

#[test]
fn ev_155_in_a_weight() {
    run(async {
        let (tx, rx) = numbers();
        let batches = stream(rx).batch_by(|&n| no_three(n) as usize, 9, secs(1));
        let (batches, message) = outcome(batches).await;
        assert_eq!(batches, [[1, 2]]);
        says(&message, "the weight of `Stream::batch_by`");
        assert!(tx.is_closed());
    });
}

#[test]
fn ev_155_the_source_is_let_go_before_the_last_batch_is_taken() {
    run(async {
        let (tx, rx) = numbers();
        let batches = stream(rx)
            .batch_by(|&n| no_three(n) as usize, 9, secs(1))
            .receiver();
        tx.closed().await;
        assert_eq!(take!(batches), Some(vec![1, 2]));
    });
}

#[test]
fn ev_155_in_a_timestamp() {
    run(async {
        let start = csp::now();
        let (tx, rx) = numbers();
        let stamped = stream(rx).by_timestamp(move |&n| start + secs(no_three(n).into()));
        let out = stamped.receiver();
        tx.closed().await;
        assert_eq!(csp::now(), start, "at once");
        let (values, message) = outcome(stream(out)).await;
        assert_eq!(values, [1, 2]);
        assert_eq!(csp::now(), start + secs(2), "at their times");
        says(&message, "the function of `Stream::by_timestamp`");
    });
}

#[test]
fn ev_155_in_a_clone() {
    #[derive(Debug)]
    struct Once;
    impl Clone for Once {
        fn clone(&self) -> Self {
            panic!("not three")
        }
    }
    run(async {
        let (tx, rx) = chan(1);
        tx.try_put(Once).unwrap();
        let (samples, message) = outcome(stream(rx).sample_every(secs(1))).await;
        assert!(samples.is_empty());
        says(&message, "the `clone` of a value in `Stream::sample_every`");
        assert!(tx.is_closed());

        let (tx, rx) = chan(1);
        tx.try_put(Once).unwrap();
        let (rows, message) = outcome(zip_latest((rx, to_chan([1])))).await;
        assert!(rows.is_empty());
        says(&message, "the `clone` of a value in `zip_latest`");
        assert!(tx.is_closed());
    });
}

#[test]
fn ev_155_in_an_interval() {
    run(async {
        let mut n = 0;
        let counts = interval(ms(10), move || {
            n += 1;
            no_three(n)
        });
        let (counts, message) = outcome(counts).await;
        assert_eq!(counts, [1, 2]);
        says(&message, "the function of `stream::interval`");
    });
}

#[test]
fn ev_155_in_a_function_of_the_latest() {
    run(async {
        let (tx, rx) = numbers();
        let (sums, message) = outcome(combine_latest(vec![rx], |row| no_three(row[0]))).await;
        assert_eq!(sums, [1, 2]);
        says(&message, "the function of `combine_latest`");
        assert!(tx.is_closed());
    });
}

#[test]
fn ev_155_in_a_key() {
    run(async {
        let (tx, rx) = numbers();
        let groups = stream(rx).group_by(|&n| no_three(n)).receiver();
        let mut all = vec![];
        while let Some((key, group)) = take!(groups) {
            assert_eq!(take!(group), Some(key));
            all.push(group);
        }
        says(
            &failure(&groups).unwrap(),
            "a function of `Stream::group_by`",
        );
        assert_eq!(all.len(), 2);
        for group in all {
            assert_eq!(take!(group), None);
            says(
                &failure(&group).unwrap(),
                "a function of `Stream::group_by`",
            );
        }
        assert!(tx.is_closed());
    });
}

#[test]
fn ev_155_in_the_buffer_of_a_group() {
    run(async {
        let (tx, rx) = numbers();
        let groups = stream(rx).group_by_with(|&n| n, |&n| no_three(n) as usize);
        let (groups, message) = outcome(groups).await;
        assert_eq!(groups.len(), 2);
        says(&message, "a function of `Stream::group_by`");
        assert!(tx.is_closed());
    });
}

#[test]
fn ev_155_in_the_key_of_an_aggregate() {
    run(async {
        let (tx, rx) = numbers();
        let (maps, message) = outcome(stream(rx).aggregate(|&n| no_three(n))).await;
        assert_eq!(maps.len(), 1, "2 was held back");
        assert!(message.contains("not three"), "{message}");
        assert!(tx.is_closed());
    });
}
