//! The forms of `flow!`, its patterns and paths; without a warning.
#![deny(warnings)]
use csp::prelude::*;
// The module of the same name.
#[allow(unused_imports, reason = "that it is found is all")]
use csp::flow::{};

struct Point {
    x: u32,
    y: u32,
}

macro_rules! twice {
    ($block:block) => {
        flow!($block)
    };
}

async fn number(n: u32) -> Option<u32> {
    Some(n)
}

fn main() {
    let text = String::from("abc");
    let by_path = csp::flow! { let n = text.len(); n };
    let in_parens = csp::flow!({
        let n = text.len();
        n
    });
    csp::block_on(by_path);
    csp::block_on(in_parens);
    let owning = flow!(async move {
        let n = text.len();
        n
    });
    let one_value = flow! { 1 };
    let fragment = twice!({
        let a = 1;
        a + a
    });
    let patterns = flow! {
        const TWO: u32 = 2;
        let (a, mut b) = (1, TWO);
        let Point { x, y: far } = Point { x: a + b, y: 4 };
        let [first, .., last]: [u32; 3] = [5, 6, 7];
        let Some(n) = number(8).await else { return None };
        let ((1, m) | (m, _)) = (2, 1);
        let &_r = &9;
        let _ = 10;
        #[allow(clippy::unreadable_literal)]
        let r#type = 123456;
        if a > &100 { return None }
        let text = format!("{x}{far:>b$}{first}{last}{n}{m}{type}", b = *b as usize);
        for _ in 0..*a {
            number(*m).await?;
        }
        detach number(1).await?;
        {
            b += 1;
            Some((a, b, x, text))
        }
    };
    let in_order = flow! {
        seq;
        let mut a = String::from("a");
        let b = a.len();
        let Some(c) = number(*b as u32).await else { return None };
        assert_eq!(*c, 1);
        detach number(*c).await?;
        {
            a.push('b');
            Some((a, b))
        }
    };
    csp::block_on(async {
        assert_eq!(owning.await, 3);
        assert_eq!(one_value.await + fragment.await, 3);
        patterns.await.unwrap();
        in_order.await.unwrap();
    });
}
