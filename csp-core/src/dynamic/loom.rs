//! Models of the bindings that a block takes along. Run with `ci/loom.sh`.

use super::Dynamic;
use crate::{
    block_on,
    models::{Flag, Payload, World, model, spawn},
};

static BOUND: Dynamic<Option<Payload>> = Dynamic::new(|| None);

/// A block with a binding parks, and goes on on this worker or another, while a second block without one runs: in
/// each turn its own holds, and the value goes with the block. (A guard that restores nothing leaves it on
/// the worker.)
#[test]
fn bindings_go_with_their_block() {
    model(|| {
        let world = World::new();
        let payload = Payload::new(1);
        let flag = Flag::new();
        let there = flag.clone();
        let bound = BOUND.bind(Some(payload.clone()), || {
            world.go(async move {
                let before = BOUND.get().map(|bound| bound.n());
                there.wait().await;
                (before, BOUND.get().map(|bound| bound.n()))
            })
        });
        let free = world.go(async { BOUND.get().is_none() });
        let worker = spawn({
            let world = world.clone();
            move || world.run_all()
        });
        flag.set();
        world.run_all();
        worker.join().unwrap();
        assert_eq!(block_on(bound), Ok((Some(1), Some(1))));
        assert_eq!(block_on(free), Ok(true));
        assert!(BOUND.get().is_none());
        payload.assert_alone();
    });
}
