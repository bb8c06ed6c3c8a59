//! AX-11: pipelines are stages of pipelines, nested or one after the other: it comes to the same.
//!
//! ```sh
//! cargo run --example ax_11_nested_pipelines
//! ```

use std::{error::Error, io::Write};

use csp::{pipeline::Pipeline, prelude::*};

type Stage = Pipeline<u64, u64>;

fn a() -> Stage {
    Pipeline::builder().map(|n: u64| n.wrapping_mul(3)).build()
}

/// Comes later.
fn b() -> Stage {
    Pipeline::builder()
        .stage(|n: u64| go!({ n ^ 0xFF }))
        .build()
}

/// May fail, but does not.
fn c() -> Stage {
    Pipeline::builder()
        .stage(|n: u64| Ok(n.to_string().parse::<u64>()?))
        .map(|n| n.wrapping_add(1))
        .build()
}

/// a, then a pipeline of b, then a pipeline of c.
fn nested() -> Stage {
    let b_then_c = Pipeline::<u64, u64>::builder()
        .nest(&b())
        .nest(&Pipeline::<u64, u64>::builder().nest(&c()).build())
        .build();
    Pipeline::builder().nest(&a()).nest(&b_then_c).build()
}

/// a, b, c.
fn flat() -> Stage {
    Pipeline::builder().nest(&a()).nest(&b()).nest(&c()).build()
}

/// Runs the example.
pub(crate) fn run(out: &mut dyn Write) -> Result<(), Box<dyn Error>> {
    let (nested, flat) = (nested(), flat());
    let mut input = 42_u64;
    let mut equal = 0;
    for _ in 0..100 {
        // Knuth's generator: as random as is needed here.
        input = input
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1);
        if nested.run(input).wait()? == flat.run(input).wait()? {
            equal += 1;
        }
    }
    writeln!(out, "{equal} of 100 inputs give equal outputs")?;
    Ok(())
}

fn main() -> Result<(), Box<dyn Error>> {
    run(&mut std::io::stdout())
}
