//! The rules of `flow!`: order, failure, cancellation, ownership, names, forms.

use super::*;

#[test]
fn nothing_runs_before_it_is_awaited() {
    let ran = Cell::new(false);
    let flow = flow! { let a = ran.replace(true); a };
    assert!(!ran.get());
    assert!(!block_on(flow) && ran.get());
}

#[test]
fn starts_in_source_order() {
    let log = Log::default();
    block_on(flow! {
        let a = log.run("a", 2, ()).await;
        let b = log.run("b", 0, ()).await;
        let _c = { let _needs = b; log.run("c", 0, ()).await };
        let _d = { let _needs = a; log.run("d", 0, ()).await };
        let _e = log.run("e", 0, ()).await;
    });
    assert_eq!(log.all(), "+a +b -b +c -c +e -e -a +d -d");
}

/// The first failure drops the other arms, and is what the flow ends with.
#[test]
fn the_first_failure_drops_the_rest() {
    let census = Census::default();
    let (tx, rx) = chan::<u32>(0);
    let log = Log::default();
    let end: Result<u32, Error> = block_on(flow! {
        let _kept = census.item();
        let never = { let _held = census.item(); take!(rx) };
        let failed: u32 = fails("first").await?;
        let _after = { log.note("after"); failed + 1 };
        let _late: u32 = { yield_now().await; yield_now().await; fails("second").await? };
        Ok(never.unwrap())
    });
    assert_eq!(end, Err(Error("first")));
    assert_eq!((census.living(), log.all().as_str()), (0, ""));
    assert!(
        matches!(tx.try_put(1), Err(TryPutError::Full(1))),
        "nobody takes any more"
    );
}

#[test]
fn errors_are_converted_and_options_work() {
    let parsed: Result<i32, Box<dyn std::error::Error>> = block_on(flow! {
        let a: i32 = "x".parse()?;
        let _b = String::from_utf8(vec![0])?;
        Ok(a)
    });
    assert!(parsed.unwrap_err().is::<std::num::ParseIntError>());
    let none: Option<u32> = block_on(flow! { let a = Some(1)?; let b: u32 = None?; Some(a + b) });
    assert_eq!(none, None);
    // Nothing has to be a result.
    let plain: u32 = block_on(flow! { let a = 1; let b = 2; a + b });
    assert_eq!(plain, 3);
}

/// Trap 14: `return` leaves the flow, as it leaves an async block, and drops the other arms.
#[test]
fn return_leaves_the_flow() {
    let census = Census::default();
    let (_tx, rx) = chan::<u32>(0);
    let early = block_on(flow! {
        let wait = { let _item = census.item(); take!(rx) };
        let n = if wait_not() { return "early" } else { 1 };
        let Some(1) = Some(*n) else { return "never" };
        { let _ = (wait, n); "late" }
    });
    assert_eq!((early, census.living()), ("early", 0));
    let in_body = block_on(flow! { let a = 1; { if a == 1 { return a; } 2 } });
    assert_eq!(in_body, 1);
}

fn wait_not() -> bool {
    true
}

#[test]
fn dropping_a_flow_drops_every_arm() {
    let census = Census::default();
    let (tx, rx) = chan::<u32>(0);
    {
        let mut flow = pin!(flow! {
            let item = census.item();
            let a = { let _held = census.item(); take!(rx) };
            let b = { let _also = (item, census.item()); take!(rx) };
            (a, b)
        });
        assert!(poll(flow.as_mut()).is_pending());
        assert_eq!(census.living(), 3);
    }
    assert_eq!(census.living(), 0);
    assert!(tx.try_put(1).is_err(), "the takes are withdrawn");
}

/// What an arm owns goes when it is done, not when the flow is: here the end of a channel.
#[test]
fn an_arm_that_is_done_is_dropped() {
    let (tx, rx) = chan(0);
    let all = block_on(flow! {
        let all = { let mut all = vec![]; while let Some(n) = take!(rx) { all.push(n); } all };
        let _put = { let tx = tx; put!(tx, 1).unwrap(); put!(tx, 2).unwrap() };
        all
    });
    assert_eq!(all, [1, 2]);
}

#[test]
fn a_panic_leaves_the_flow_and_drops_the_rest() {
    let census = Census::default();
    let (held, (_tx, rx)) = (census.clone(), chan::<u32>(0));
    let block = go!({
        flow! {
            let a = { let _item = held.item(); take!(rx) };
            let b: u32 = { yield_now().await; assert!(!wait_not(), "in an arm"); 1 };
            (a, b)
        }
        .await
    });
    assert!(failure_of(block).contains("in an arm"));
    assert_eq!(census.living(), 0);
}

/// No Clone and no reference count: dependents borrow, the body owns.
#[test]
fn dependents_borrow_and_the_body_owns() {
    struct Unique(Vec<u32>);
    let log = Log::default();
    let owned = block_on(flow! {
        let mut unique = Unique(vec![1]);
        let len: usize = unique.0.len();
        let same: &Unique = { log.note("borrowed"); unique };
        let sum = same.0.iter().sum::<u32>();
        { unique.0.push(sum); (unique, len) }
    });
    assert_eq!((owned.0.0, owned.1), (vec![1, 1], 1));
}

#[test]
fn arms_borrow_locals_and_change_distinct_ones() {
    let text = String::from("abc");
    let (mut left, mut right) = (vec![1], (0, 0));
    block_on(flow! {
        let a = { left.push(2); yield_now().await; text.len() };
        let b = { right.0 = 1; yield_now().await; text.len() };
        let c = { right.1 = 2; 3 };
        assert_eq!((a, b, c), (&3, &3, &3));
    });
    assert_eq!((left, right), (vec![1, 2], (1, 2)));
}

#[test]
fn values_need_not_be_send() {
    let seen = run_idle(async {
        let shared = Rc::new(RefCell::new(vec![]));
        flow! {
            let a = { shared.borrow_mut().push(1); yield_now().await; Rc::new(Cell::new(1)) };
            let b = { shared.borrow_mut().push(2); yield_now().await; a.set(5); Rc::clone(a) };
            { assert_eq!(*shared.borrow(), [1, 2]); a.get() + b.get() }
        }
        .await
    });
    assert_eq!(seen, Some(10));
}

/// A later binding of a name is what follows sees; the earlier one is still there for who named it.
#[test]
fn shadowing() {
    let x = 1;
    let seen = block_on(flow! {
        let x = x + 10;
        let old = format!("{x}");
        let x = x + 100;
        let new = format!("{x}");
        let (a, b) = (*x, a_of(x));
        (x, old, new, a, b)
    });
    assert_eq!(seen, (111, "11".to_owned(), "111".to_owned(), 111, 111));
    // An inner name hides the flow's.
    let hidden = block_on(flow! {
        let x = 1;
        let y = [5, 6].iter().map(|x| x * 2).sum::<i32>();
        let z = { let x = 9; x + y };
        (x, z)
    });
    assert_eq!(hidden, (1, 31));
}

fn a_of(x: &i32) -> i32 {
    *x
}

/// Names that a macro captures from its string, and names in macros in macros.
#[test]
fn names_in_macros_and_strings_are_seen() {
    let seen = block_on(flow! {
        let width = 5;
        let name = "x";
        let r#type = 7;
        let text = format!("[{name:>width$}] {{{}}} {type}", vec![format!("{name}"), format!("{}", vec![*r#type; 1][0])].join(""));
        text
    });
    assert_eq!(seen, "[    x] {x7} 7");
    // A field, a method or a text of a binding's name is no mention: this would never end otherwise.
    struct Fields {
        slow: u32,
    }
    let (_tx, rx) = chan::<u32>(0);
    let log = Log::default();
    let fields = Fields { slow: 1 };
    let mut flow = pin!(flow! {
        let slow = take!(rx);
        let field = { let _again = Fields { slow: 2 }; log.note("slow"); fields.slow };
        let _range = { log.note("range"); (0..*field).len() };
        slow
    });
    assert!(poll(flow.as_mut()).is_pending());
    assert_eq!(log.all(), "slow range");
}

/// Park points in arms are the block's own, with their numbers; `alt!` in arms takes part.
#[test]
fn park_points_of_an_enclosing_block() {
    let (a_tx, a) = chan::<u32>(0);
    let (b_tx, b) = chan::<u32>(0);
    let sum = on_one_worker(async move {
        let block = go!({
            let first = 1;
            flow! {
                let x = take!(a).unwrap();
                let y = alt! { v = take!(b) => v.unwrap(), _ = take!(timeout(secs(3600))) => 0 };
                let z = x + y;
                put!(chan(1).0, *z).ok();
                first + z
            }
            .await
        });
        parked(&block).await;
        let site = block.parked_at().unwrap();
        assert_eq!(site.block().map(|block| block.park_sites().len()), Some(5));
        assert!(site.state().is_some());
        put!(b_tx, 2).unwrap();
        put!(a_tx, 3).unwrap();
        block.await.unwrap()
    });
    assert_eq!(sum, 6);
}

/// `detach`: nobody waits for its outcome, but the flow does not end before it.
#[test]
fn detached_statements_run_to_their_end() {
    let log = Log::default();
    let end: Result<u32, Error> = block_on(flow! {
        let a = number(1).await?;
        detach { log.run("d", 5, ()).await; fails::<()>("ignored").await? };
        detach log.run("e", 0, *a).await;
        let b = log.run("b", 1, 2).await;
        { log.note("body"); Ok(a + b) }
    });
    assert_eq!(end, Ok(3));
    assert!(
        log.all().starts_with("+d +b") && log.all().ends_with("-d body"),
        "{}",
        log.all()
    );
    // A variable, a function, a method of that name are none.
    let detach = |n: u32| n;
    let called = block_on(flow! { let a = 1; detach(*a); let detach = 3; detach + a });
    assert_eq!(called, 4);
}

/// `seq;`: the same types, one after the other; so one thing may be changed by several.
#[test]
fn seq_runs_one_after_the_other() {
    let log = Log::default();
    let mut count = 0;
    let end: Result<_, Error> = block_on(flow! {
        seq;
        let a = { count += 1; log.run("a", 2, number(1).await?).await };
        let b = { count += 1; log.run("b", 1, *a + 1).await };
        detach { log.note("d"); fails::<()>("ignored").await? };
        let Some(c) = a.checked_add(*b) else { return Err(Error("overflow")) };
        log.note("s");
        Ok((a, b, c))
    });
    assert_eq!((end, count), (Ok((1, 2, 3)), 2));
    assert_eq!(log.all(), "+a -a +b -b d s");
    let stopped: Result<u32, Error> = block_on(flow! {
        seq;
        let a: u32 = fails("first").await?;
        log.note("not reached");
        Ok(a)
    });
    assert_eq!(stopped, Err(Error("first")));
    assert!(!log.all().contains("not"));
}

/// A flow that owns what it names may leave the function, and run as a block of its own.
#[test]
fn a_flow_can_own_what_it_names() {
    fn start(text: String) -> Go<usize> {
        go(flow!(async move {
            let a = {
                yield_now().await;
                text.len()
            };
            let b = text.find('b').unwrap();
            a + b
        }))
    }
    assert_eq!(outcome(start("abc".to_owned())), Ok(4));
}

/// A diamond many steps deep ends in one pass once its root is there.
#[test]
fn dependents_start_in_the_same_turn() {
    let (tx, rx) = chan::<u32>(0);
    let mut flow = pin!(flow! {
        let root = take!(rx).unwrap();
        let l = root + 1;
        let r = root + 2;
        let join = l + r;
        let end = join * 2;
        end
    });
    assert!(poll(flow.as_mut()).is_pending());
    tx.try_put(1).unwrap();
    assert_eq!(poll(flow), Poll::Ready(10));
}

macro_rules! wide {
    ($($name:ident)*) => {
        flow! {
            $(let $name = { $crate::dataflow::rules::step().await };)*
            [$($name),*]
        }
    };
}

async fn step() -> u8 {
    yield_now().await;
    1
}

#[test]
fn sixty_four_bindings() {
    let flow = wide!(
        a0 a1 a2 a3 a4 a5 a6 a7 a8 a9 a10 a11 a12 a13 a14 a15 a16 a17 a18 a19 a20 a21 a22 a23 a24 a25
        a26 a27 a28 a29 a30 a31 a32 a33 a34 a35 a36 a37 a38 a39 a40 a41 a42 a43 a44 a45 a46 a47 a48 a49
        a50 a51 a52 a53 a54 a55 a56 a57 a58 a59 a60 a61 a62 a63
    );
    // Each a pinned arm, the pointer to it, and a value.
    assert!(size_of_val(&flow) <= 64 * 80, "{}", size_of_val(&flow));
    assert_eq!(
        block_on(flow).iter().map(|&n| u32::from(n)).sum::<u32>(),
        64
    );
}

#[test]
fn the_room_a_flow_takes() {
    let (tx, rx) = chan::<u64>(0);
    let two = flow! { let a = take!(rx); let b = put!(tx, 1); (a, b.is_ok()) };
    assert!(size_of_val(&two) <= 320, "{}", size_of_val(&two));
    let never: Result<u64, Infallible> = block_on(flow! { let a = Ok::<_, Infallible>(1)?; Ok(a) });
    let (a, ok) = block_on(two);
    assert_eq!((a, ok, never), (Some(1), true, Ok(1)));
}
