//! Processes of plain functions: core.async's `lift1->step` and `lift*->step`.

use std::fmt;

use super::{describe::Describe, message::Message, outputs::Outputs, process::Process, step::Next};

/// A process that puts `f` of each message: from `in` to `out`.
///
/// ```text
/// in     1    2    3   |
/// out    10   20   30  |     map(|n: &u32| 10 * n)
/// ```
///
/// It runs [in place](Describe::in_place), so `f` is to be short and not to block;
/// [`Process::workload`] changes that. A panic of `f` goes to the error channel, and the message is skipped.
///
/// ```
/// use csp::flow::{self, FlowDef};
/// let flow = FlowDef::new("tens")
///     .process("numbers", flow::source(|| 1..=3_u32))
///     .process("tens", flow::map(|n: &u32| 10 * n))
///     .connect(("numbers", "out"), ("tens", "in"))
///     .out_port::<u32>(("tens", "out"), 10)
///     .build()
///     .unwrap();
/// let mut run = flow.start().unwrap();
/// let tens = run.out_port::<u32>(("tens", "out")).unwrap();
/// assert_eq!(tens.into_iter().map(|n| *n).collect::<Vec<_>>(), [10, 20, 30]);
/// ```
pub fn map<A, B, F>(f: F) -> Process
where
    A: Message,
    B: Message,
    F: Fn(&A) -> B + Send + Sync + 'static,
{
    let describe = Describe::new("puts what a function makes of each message")
        .input("in", move |(), message: &A, out: &mut Outputs| {
            out.put("out", f(message));
        })
        .output::<B>("out");
    Process::of(|| (), describe.in_place())
}

/// A process that lets the messages pass for which `f` says `true`: from `in` to `out`. They are not
/// cloned.
///
/// ```text
/// in     1   2   3   4  |
/// out        2       4  |     filter(|n: &u32| n % 2 == 0)
/// ```
///
/// Everything else is as for [`map`].
pub fn filter<A, F>(f: F) -> Process
where
    A: Message,
    F: Fn(&A) -> bool + Send + Sync + 'static,
{
    let describe = Describe::new("lets some of the messages pass")
        .input("in", move |(), message: &A, out: &mut Outputs| {
            if f(message) {
                out.pass("out");
            }
        })
        .output::<A>("out");
    Process::of(|| (), describe.in_place())
}

/// A process that puts what `f` has in its `Some`: from `in` to `out`.
///
/// ```text
/// in    "1"   "x"   "3"  |
/// out    1           3   |     filter_map(|text: &String| text.parse::<u32>().ok())
/// ```
///
/// Everything else is as for [`map`].
pub fn filter_map<A, B, F>(f: F) -> Process
where
    A: Message,
    B: Message,
    F: Fn(&A) -> Option<B> + Send + Sync + 'static,
{
    flat_map(f)
}

/// A process that puts each of the values that `f` gives: from `in` to `out`.
///
/// ```text
/// in    2     0     3       |
/// out   2 2         3 3 3   |     flat_map(|&n: &usize| vec![n; n])
/// ```
///
/// The values of one message go out after `f` has given them all, so there should be an end to them.
/// Everything else is as for [`map`].
pub fn flat_map<A, I, F>(f: F) -> Process
where
    A: Message,
    I: IntoIterator<Item: Message>,
    F: Fn(&A) -> I + Send + Sync + 'static,
{
    let describe = Describe::new("puts the values that a function makes of each message")
        .input("in", move |(), message: &A, out: &mut Outputs| {
            for value in f(message) {
                out.put("out", value);
            }
        })
        .output::<I::Item>("out");
    Process::of(|| (), describe.in_place())
}

/// A process that puts the values of an iterator, and ends after the last: to `out`.
///
/// ```text
/// out   1   2   3   |     source(|| 1..=3)
/// ```
///
/// `make` makes the iterator for each start of the flow. A value is asked for when the one before has gone
/// out, so the iterator is not ahead of the flow. It may block: its steps run on a thread
/// ([`Workload::Mixed`](csp_sched::Workload::Mixed)). If `next` panics, that goes to the error channel, and
/// it is called again a tenth of a second later.
///
/// What comes from other parts of the program comes in by a channel: [`FlowDef::in_port`].
///
/// [`FlowDef::in_port`]: super::FlowDef::in_port
pub fn source<I, F>(make: F) -> Process
where
    I: IntoIterator<Item: Message, IntoIter: Send> + 'static,
    F: Fn() -> I + Send + Sync + 'static,
{
    let describe = Describe::new("puts the values of an iterator")
        .output::<I::Item>("out")
        .source(|Items(items): &mut Items<I::IntoIter>, out: &mut Outputs| {
            let Some(value) = items.next() else {
                return Next::Done;
            };
            out.put("out", value);
            Next::Now
        });
    Process::of(move || Items(make().into_iter()), describe)
}

/// A process that calls `f` with each message of its port `in`, and puts nothing.
///
/// `f` may block: its steps run on a thread ([`Workload::Mixed`](csp_sched::Workload::Mixed)). A panic goes
/// to the error channel.
///
/// ```
/// use csp::{flow::{self, FlowDef}, prelude::*};
/// let (tx, rx) = chan(10);
/// let flow = FlowDef::new("print")
///     .process("numbers", flow::source(|| 1..=3_u32))
///     .process("print", flow::sink(move |n: &u32| tx.put_blocking(format!("{n}!")).unwrap()))
///     .connect(("numbers", "out"), ("print", "in"))
///     .build()
///     .unwrap();
/// let run = flow.start().unwrap();
/// run.ended().wait().unwrap();
/// assert_eq!(rx.try_take().as_deref(), Ok("1!"));
/// assert_eq!(rx.len(), 2);
/// ```
pub fn sink<A, F>(f: F) -> Process
where
    A: Message,
    F: Fn(&A) + Send + Sync + 'static,
{
    let describe = Describe::new("calls a function with each message")
        .input("in", move |(), message: &A, _: &mut Outputs| f(message));
    Process::of(|| (), describe)
}

/// The rest of an iterator.
struct Items<I>(I);

impl<I> fmt::Debug for Items<I> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Items")
    }
}
