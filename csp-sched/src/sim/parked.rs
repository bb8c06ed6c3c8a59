//! Who is parked, in words.

use std::fmt::Write;

use csp_core::inspect::LiveBlock;

use super::{entity::At, state::State};

/// A line for each entity that is parked, but for those whose channel is to be left out (`None`: none that is known).
pub(super) fn describe(
    state: &State,
    seen: &[LiveBlock],
    leave_out: impl Fn(Option<u32>) -> bool,
) -> String {
    let mut lines: Vec<(u32, String)> = Vec::new();
    for block in seen {
        let Some(number) = state.number_of(block.id) else {
            continue;
        };
        let entity = &state.entities[number as usize];
        if entity.wait.is_some() || leave_out(block.channel) {
            continue;
        }
        let place = match &block.parked_at {
            Some(site) => format!(" is parked at {}", At(site)),
            None => String::from(" is parked"),
        };
        lines.push((number, place));
    }
    for (number, entity) in (0..).zip(&state.entities) {
        if entity
            .wait
            .as_ref()
            .is_none_or(|wait| wait.deadline.is_some())
        {
            continue;
        }
        let place = match &entity.place {
            Some(site) => format!(" blocks in {}", At(site)),
            None => String::from(" blocks"),
        };
        lines.push((number, place));
    }
    lines.sort();
    let mut out = String::new();
    for (number, place) in lines {
        // (Writing to a String does not fail.)
        let _ok = write!(out, "\n  {}{place}", state.named(number));
    }
    out
}
