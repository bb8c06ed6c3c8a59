//! GO-011, GO-012: power series by demand. Doug `McIlroy`'s program, the best whole-program test of the Go set:
//! each series is a block that gives its next coefficient when it is asked for, over a channel of requests
//! and one of answers; a split starts a block for each coefficient that only one side has asked for.

use std::fmt::Debug;

use csp::prelude::*;

use crate::util::{runtime, value};

/// An element of a series. GO-012 has it behind an interface.
trait Number: Clone + Send + Sync + Debug + PartialEq + 'static {
    fn ratio(num: i64, den: i64) -> Self;
    fn add(&self, other: &Self) -> Self;
    fn mul(&self, other: &Self) -> Self;
}

#[derive(Clone, Debug, PartialEq)]
struct Rational(i64, i64);

impl Number for Rational {
    fn ratio(num: i64, den: i64) -> Self {
        let (mut a, mut b) = (num.abs(), den.abs());
        while b != 0 {
            (a, b) = (b, a % b);
        }
        let sign = den.signum();
        Self(sign * num / a, sign * den / a)
    }
    fn add(&self, other: &Self) -> Self {
        Self::ratio(self.0 * other.1 + other.0 * self.1, self.1 * other.1)
    }
    fn mul(&self, other: &Self) -> Self {
        Self::ratio(self.0 * other.0, self.1 * other.1)
    }
}

/// The same through a boxed trait object.
trait Item: Send + Sync + Debug {
    fn parts(&self) -> Rational;
}

impl Item for Rational {
    fn parts(&self) -> Rational {
        self.clone()
    }
}

#[derive(Debug)]
struct Boxed(Box<dyn Item>);

impl Clone for Boxed {
    fn clone(&self) -> Self {
        Self(Box::new(self.0.parts()))
    }
}

impl PartialEq for Boxed {
    fn eq(&self, other: &Self) -> bool {
        self.0.parts() == other.0.parts()
    }
}

impl Number for Boxed {
    fn ratio(num: i64, den: i64) -> Self {
        Self(Box::new(Rational::ratio(num, den)))
    }
    fn add(&self, other: &Self) -> Self {
        Self(Box::new(self.0.parts().add(&other.0.parts())))
    }
    fn mul(&self, other: &Self) -> Self {
        Self(Box::new(self.0.parts().mul(&other.0.parts())))
    }
}

/// A series, to ask for coefficients.
struct Series<N> {
    ask: Sender<()>,
    answers: Receiver<N>,
}

/// The other end: who gives them.
struct Giver<N> {
    asked: Receiver<()>,
    answer: Sender<N>,
}

fn series<N>() -> (Giver<N>, Series<N>) {
    let (ask, asked) = chan(0);
    let (answer, answers) = chan(0);
    (Giver { asked, answer }, Series { ask, answers })
}

impl<N> Clone for Giver<N> {
    fn clone(&self) -> Self {
        Self {
            asked: self.asked.clone(),
            answer: self.answer.clone(),
        }
    }
}

/// Nobody asks any more.
struct Unwanted;

impl<N: Number> Series<N> {
    /// The next coefficient. The series in here have no end.
    async fn next(&self) -> Result<N, Unwanted> {
        put!(self.ask, ()).map_err(|_| Unwanted)?;
        take!(self.answers).ok_or(Unwanted)
    }
}

impl<N: Number> Giver<N> {
    async fn give(&self, value: N) -> Result<(), Unwanted> {
        take!(self.asked).ok_or(Unwanted)?;
        put!(self.answer, value).map_err(|_| Unwanted)
    }

    /// Goes on with another series.
    async fn copy(&self, from: Series<N>) -> Result<(), Unwanted> {
        loop {
            take!(self.asked).ok_or(Unwanted)?;
            put!(self.answer, from.next().await?).map_err(|_| Unwanted)?;
        }
    }
}

/// A series whose coefficients a block makes until nobody wants more.
macro_rules! producer {
    ($giver:ident => $body:block) => {{
        let ($giver, out) = series();
        go!({
            let _: Result<(), Unwanted> = async move { $body }.await;
        });
        out
    }};
}

/// One step of a split: the coefficient that one side asks for first is kept for the other. The first side in
/// `out` is the one that is ahead, if one is; `wait` comes when the step before has served both.
fn split_step<N: Number>(from: Series<N>, out: [Giver<N>; 2], wait: Receiver<()>) {
    go!({
        let [mut ahead, mut behind] = out;
        let both = alt! {
            Some(()) = take!(ahead.asked) => false,
            _ = take!(wait) => {
                alt! {
                    Some(()) = take!(ahead.asked) => {}
                    Some(()) = take!(behind.asked) => std::mem::swap(&mut ahead, &mut behind),
                    else None => return,
                }
                true
            }
            else None => return,
        };
        let Ok(value) = from.next().await else { return };
        let (release, next) = chan(1);
        split_step(from, [ahead.clone(), behind.clone()], next);
        put!(ahead.answer, value.clone()).ok();
        if !both {
            take!(wait);
        }
        if take!(behind.asked).is_some() {
            put!(behind.answer, value).ok();
        }
        put!(release, ()).ok();
    });
}

/// The same series twice, each asked for at its own pace.
fn split<N: Number>(from: Series<N>) -> [Series<N>; 2] {
    let ((a, first), (b, second)) = (series(), series());
    let (release, wait) = chan(1);
    release.try_put(()).unwrap();
    split_step(from, [a, b], wait);
    [first, second]
}

fn ones<N: Number>() -> Series<N> {
    producer!(out => {
        loop {
            out.give(N::ratio(1, 1)).await?;
        }
    })
}

fn add<N: Number>(u: Series<N>, v: Series<N>) -> Series<N> {
    producer!(out => {
        loop {
            take!(out.asked).ok_or(Unwanted)?;
            put!(out.answer, u.next().await?.add(&v.next().await?)).map_err(|_| Unwanted)?;
        }
    })
}

fn cmul<N: Number>(c: N, u: Series<N>) -> Series<N> {
    producer!(out => {
        loop {
            take!(out.asked).ok_or(Unwanted)?;
            put!(out.answer, c.mul(&u.next().await?)).map_err(|_| Unwanted)?;
        }
    })
}

fn sub<N: Number>(u: Series<N>, v: Series<N>) -> Series<N> {
    add(u, cmul(N::ratio(-1, 1), v))
}

fn mul<N: Number>(u: Series<N>, v: Series<N>) -> Series<N> {
    producer!(out => {
        take!(out.asked).ok_or(Unwanted)?;
        let (f, g) = (u.next().await?, v.next().await?);
        put!(out.answer, f.mul(&g)).map_err(|_| Unwanted)?;
        let ([u0, u1], [v0, v1]) = (split(u), split(v));
        let w = add(cmul(f, v0), cmul(g, u0));
        take!(out.asked).ok_or(Unwanted)?;
        put!(out.answer, w.next().await?).map_err(|_| Unwanted)?;
        out.copy(add(w, mul(u1, v1))).await
    })
}

fn diff<N: Number>(u: Series<N>) -> Series<N> {
    producer!(out => {
        take!(out.asked).ok_or(Unwanted)?;
        u.next().await?;
        for n in 1.. {
            put!(out.answer, N::ratio(n, 1).mul(&u.next().await?)).map_err(|_| Unwanted)?;
            take!(out.asked).ok_or(Unwanted)?;
        }
        Ok(())
    })
}

fn integ<N: Number>(c: N, u: Series<N>) -> Series<N> {
    producer!(out => {
        out.give(c).await?;
        for n in 1.. {
            take!(out.asked).ok_or(Unwanted)?;
            put!(out.answer, N::ratio(1, n).mul(&u.next().await?)).map_err(|_| Unwanted)?;
        }
        Ok(())
    })
}

/// e to a series without a constant: its own derivative's integral, so it feeds on itself.
fn exp<N: Number>(u: Series<N>) -> Series<N> {
    let (out, z) = series();
    let [z0, z1] = split(z);
    let feedback = integ(N::ratio(1, 1), mul(z0, diff(u)));
    go!({
        let _: Result<(), Unwanted> = out.copy(feedback).await;
    });
    z1
}

/// U(c x^n).
fn substitute<N: Number>(u: Series<N>, c: N, n: u32) -> Series<N> {
    producer!(out => {
        let mut power = N::ratio(1, 1);
        loop {
            take!(out.asked).ok_or(Unwanted)?;
            put!(out.answer, power.mul(&u.next().await?)).map_err(|_| Unwanted)?;
            for _ in 1..n {
                out.give(N::ratio(0, 1)).await?;
            }
            power = power.mul(&c);
        }
    })
}

fn atan<N: Number>() -> Series<N> {
    integ(N::ratio(0, 1), substitute(ones(), N::ratio(-1, 1), 2))
}

type Expected = [(i64, i64); 10];

async fn check<N: Number>(name: &str, series: Series<N>, expected: Expected) {
    for (at, (num, den)) in expected.into_iter().enumerate() {
        let Ok(value) = series.next().await else {
            panic!("{name} ends at {at}")
        };
        assert_eq!(value, N::ratio(num, den), "coefficient {at} of {name}");
    }
}

async fn check_all<N: Number>() {
    let whole = |f: fn(i64) -> i64| std::array::from_fn(|n| (f(i64::try_from(n).unwrap()), 1));
    check::<N>("add", add(ones(), ones()), whole(|_| 2)).await;
    check::<N>("cmul", cmul(N::ratio(2, 3), ones()), [(2, 3); 10]).await;
    check::<N>("sub", sub(add(ones(), ones()), ones()), whole(|_| 1)).await;
    check::<N>("mul", mul(ones(), ones()), whole(|n| n + 1)).await;
    check::<N>(
        "cube",
        mul(ones(), mul(ones(), ones())),
        whole(|n| (n + 1) * (n + 2) / 2),
    )
    .await;
    check::<N>("diff", diff(ones()), whole(|n| n + 1)).await;
    let mut integral = std::array::from_fn(|n| (1, i64::try_from(n).unwrap()));
    integral[0] = (0, 1);
    check::<N>("integ", integ(N::ratio(0, 1), ones()), integral).await;
    let exponential = [
        (1, 1),
        (1, 1),
        (3, 2),
        (13, 6),
        (73, 24),
        (167, 40),
        (4051, 720),
        (37633, 5040),
        (43817, 4480),
        (4_596_553, 362_880),
    ];
    check::<N>("exp", exp(ones()), exponential).await;
    let arctangent = [
        (0, 1),
        (1, 1),
        (0, 1),
        (-1, 3),
        (0, 1),
        (1, 5),
        (0, 1),
        (-1, 7),
        (0, 1),
        (1, 9),
    ];
    check::<N>("atan", atan(), arctangent).await;
}

/// GO-011.
#[test]
fn power_series_are_exact() {
    for workers in [1, 4] {
        let rt = runtime(workers);
        value(rt.go(check_all::<Rational>()));
        // Nobody asks any more: every block of every series ends.
        rt.shutdown(secs(50)).unwrap();
    }
}

/// GO-012: the same with elements behind a trait object.
#[test]
fn power_series_of_boxed_elements_are_exact() {
    value(runtime(2).go(check_all::<Boxed>()));
}
