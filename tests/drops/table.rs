//! Which future has which scene. A future of the sources that is not in the table fails the test.

use std::{
    collections::BTreeSet,
    fs,
    path::{Path, PathBuf},
};

/// Where the sources are: all that is public passes through one of these.
const CRATES: [&str; 4] = ["csp-core", "csp-flow", "csp-net", "csp-sched"];

/// A future of the sources: the file, what is implemented or the function's name, and where it is dropped at every
/// event, or why it is not.
type Row = (&'static str, &'static str, &'static str);

const COVERED: &str = "covered: ";

#[rustfmt::skip]
const TABLE: &[Row] = &[
    ("csp-core/src/alts/future.rs", "Alt", "covered: alts"),
    ("csp-core/src/alts/parked.rs", "Parked", "covered: alts, three_arms_with_a_future"),
    ("csp-core/src/alts/set.rs", "Choose", "covered: alts, rounds_of_a_set"),
    ("csp-core/src/alts/set.rs", "take_any", "covered: channels, one_of_many_takes"),
    ("csp-core/src/chan/awake.rs", "at", "private: around a `Put` or a `Take`, on a thread that blocks"),
    ("csp-core/src/chan/closed.rs", "WaitClosed", "covered: channels, a_wait_for_the_close"),
    ("csp-core/src/chan/put.rs", "Put", "covered: channels, a_put_…"),
    ("csp-core/src/chan/put_all/future.rs", "PutAllOrNone", "covered: channels, a_transaction_…"),
    ("csp-core/src/chan/stream.rs", "TakeStream", "covered: channels, a_stream_and_a_sink"),
    ("csp-core/src/chan/stream.rs", "PutSink", "covered: channels, a_stream_and_a_sink"),
    ("csp-core/src/chan/take.rs", "Take", "covered: channels, a_take_…; transduced; by rule"),
    ("csp-core/src/dynamic.rs", "Bound", "covered: time, a_go_block"),
    ("csp-core/src/task/go.rs", "Go", "covered: time, a_go_block; connectors"),
    ("csp-flow/src/broadcast.rs", "put_all", "covered: connectors, a_put_into_many"),
    ("csp-flow/src/connect/link.rs", "Link", "covered: connectors, a_link"),
    ("csp-flow/src/dataflow.rs", "drive", "covered: promises, dataflow"),
    ("csp-flow/src/flow/running.rs", "ask", "private: a block of `ping` awaits it, whose `Go` is awaited"),
    ("csp-flow/src/flow/write.rs", "Late", "private: a process awaits it"),
    ("csp-flow/src/lock/bulkhead.rs", "enter", "covered: locks, a_bulkhead"),
    ("csp-flow/src/lock/bulkhead.rs", "run", "covered: locks, a_bulkhead"),
    ("csp-flow/src/lock/mutex.rs", "lock", "covered: locks, a_mutex"),
    ("csp-flow/src/lock/mutex.rs", "lock_all", "covered: locks, a_mutex"),
    ("csp-flow/src/lock/mutex.rs", "run", "covered: locks, a_mutex"),
    ("csp-flow/src/lock/queue.rs", "take", "covered: locks, a_queue"),
    ("csp-flow/src/lock/semaphore.rs", "acquire", "covered: locks, a_semaphore"),
    ("csp-flow/src/lock/semaphore.rs", "acquire_many", "covered: locks, a_semaphore"),
    ("csp-flow/src/lock/semaphore.rs", "run", "covered: locks, a_semaphore"),
    ("csp-flow/src/mix/applied.rs", "Applied", "covered: connectors, changes_of_a_mix"),
    ("csp-flow/src/ops/pipeline/step.rs", "apply", "private: a worker awaits it; connectors cancels that"),
    ("csp-flow/src/ops/pump.rs", "give", "private: a connector's block awaits it; connectors cancels that"),
    ("csp-flow/src/ops/pump.rs", "work", "private: a connector's block awaits it; connectors cancels that"),
    ("csp-flow/src/promise/cancel_on_drop.rs", "CancelOnDrop", "covered: promises, a_promise_awaited"),
    ("csp-flow/src/promise/handle.rs", "Promise", "covered: promises"),
    ("csp-flow/src/promise/shared/mod.rs", "Shared", "covered: promises, a_shared_promise_…"),
    ("csp-flow/src/promise/shared/turn.rs", "Turn", "private: a callback's block awaits it"),
    ("csp-flow/src/promise/step.rs", "Step", "private: a step's block is it; promises, chains_of_steps"),
    ("csp-flow/src/promise/unwanted.rs", "Unwanted", "covered: promises, a_settler_…"),
    ("csp-flow/src/requests/client.rs", "call_when_room", "covered: pipelines, a_call_of_a_client"),
    ("csp-flow/src/requests/client.rs", "closed", "covered: pipelines, a_call_of_a_client"),
    ("csp-flow/src/requests/persistent.rs", "connect", "covered: pipelines, an_attempt_to_connect"),
    ("csp-flow/src/requests/serve.rs", "handle", "private: the server's block awaits it"),
    ("csp-flow/src/stream/many/slots.rs", "next", "private: an operator's block awaits it"),
    ("csp-flow/src/topics/mod.rs", "publish", "covered: connectors, a_put_into_many"),
    ("csp-net/src/http/body.rs", "chunk", "needs real sockets, whose events are not ours to count: csp-net's own tests"),
    ("csp-net/src/http/body.rs", "collect", "as chunk"),
    ("csp-net/src/http/body.rs", "text", "as chunk"),
    ("csp-net/src/http/client.rs", "get", "as chunk"),
    ("csp-net/src/http/client.rs", "post", "as chunk"),
    ("csp-net/src/http/client.rs", "send", "as chunk"),
    ("csp-net/src/http/server.rs", "shutdown", "as chunk"),
    ("csp-net/src/tcp/connect.rs", "connect", "as chunk"),
    ("csp-net/src/tcp/connect.rs", "connect_within", "as chunk"),
    ("csp-net/src/tcp/link.rs", "finished", "as chunk"),
    ("csp-net/src/tcp/listen.rs", "shutdown", "as chunk"),
    ("csp-sched/src/go.rs", "yield_now", "covered: time, a_yield"),
    ("csp-sched/src/scope.rs", "Ordered", "private: around a scope's block"),
    ("csp-sched/src/scope.rs", "join", "an async block around `Go`, inside a scope that blocks its thread: Go"),
    ("csp-sched/src/time/timeout.rs", "Timeout", "covered: time, a_timeout_and_a_sleep"),
    ("csp-sched/src/time/timeout.rs", "beat", "covered: time, the_beats_of_an_interval"),
    ("csp-sched/src/time/timeout.rs", "sleep", "covered: time, a_timeout_and_a_sleep"),
    ("csp-sched/src/time/timeout.rs", "within", "covered: time, a_limit_on_a_take"),
];

/// The table has every future of the sources, and nothing else.
#[test]
fn every_future_is_in_the_table() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut found = BTreeSet::new();
    for krate in CRATES {
        let src = root.join(krate).join("src");
        assert!(src.is_dir(), "{} is not there", src.display());
        for file in sources(&src) {
            let name = file
                .strip_prefix(root)
                .expect("below the root")
                .display()
                .to_string();
            if name.contains("loom") || name.contains("tests") || name.contains("models") {
                continue;
            }
            let text = fs::read_to_string(&file).expect("readable");
            found.extend(
                futures_in(&text)
                    .into_iter()
                    .map(|future| (name.clone(), future)),
            );
        }
    }
    let listed: BTreeSet<_> = TABLE
        .iter()
        .map(|row| (row.0.to_owned(), row.1.to_owned()))
        .collect();
    assert_eq!(listed.len(), TABLE.len(), "a row stands twice");
    let missing: Vec<_> = found.difference(&listed).collect();
    assert!(
        missing.is_empty(),
        "without a row in {}: {missing:#?}",
        file!()
    );
    let gone: Vec<_> = listed.difference(&found).collect();
    assert!(gone.is_empty(), "rows of futures that are gone: {gone:#?}");
    assert!(
        TABLE
            .iter()
            .filter(|row| row.2.starts_with(COVERED))
            .count()
            >= 36
    );
}

fn sources(dir: &Path) -> Vec<PathBuf> {
    let entries = fs::read_dir(dir).expect("readable");
    let mut files = Vec::new();
    for entry in entries {
        let path = entry.expect("readable").path();
        if path.is_dir() {
            files.extend(sources(&path));
        } else if path.extension().is_some_and(|end| end == "rs") {
            files.push(path);
        }
    }
    files
}

/// Names of the types that are futures, streams or sinks, and of the functions that give one.
fn futures_in(text: &str) -> Vec<String> {
    let mut found = Vec::new();
    let mut function = String::new();
    for line in text.lines().map(str::trim) {
        if line.starts_with("//") {
            continue;
        }
        if let Some(of) = implemented(line) {
            found.push(of);
        }
        if let Some((before, after)) = line.split_once("fn ")
            && (before.is_empty() || before.ends_with(' '))
            && !before.contains('"')
        {
            function = name(after);
            if before.starts_with("pub ") && before.contains("async") {
                found.push(function.clone());
            }
        }
        if line.contains("impl Future<") && line.contains("->") {
            found.push(function.clone());
        }
    }
    found.sort();
    found.dedup();
    found
}

/// The type of `impl … Future for Type`.
fn implemented(line: &str) -> Option<String> {
    let rest = line.strip_prefix("impl")?;
    let traits = [" Future for ", " IntoFuture for ", " Stream for ", "> for "];
    let (_, of) = traits.iter().find_map(|text| rest.split_once(text))?;
    let is_sink = rest.contains(" Sink<");
    let is_ours = rest.contains(" futures_sink");
    let future = rest.contains("Future for ") || rest.contains(" Stream for ");
    // `Sink` of csp-flow is a trait of its own, of what its blocks await.
    let is_feature = of.starts_with("PutSink");
    (future || ((is_sink || is_ours) && is_feature)).then(|| name(of.trim_start_matches('&')))
}

fn name(text: &str) -> String {
    text.chars()
        .take_while(|c| c.is_alphanumeric() || *c == '_')
        .collect()
}
