//! Decisions as a string, and a strategy that follows them.

use std::fmt::Write;

use super::strategy::{Done, Fork, Strategy};
use crate::sync::{
    Arc,
    atomic::{AtomicBool, Ordering},
};

/// What a strategy was asked, where there was more than one answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) enum Decision {
    /// This entity goes on.
    Entity(u32),
    /// This one of the arms that are ready.
    Arm(u32),
}

/// `1.2x3.a0`: entity 1, entity 2 three times, arm 0.
pub(crate) fn write(decisions: &[Decision]) -> String {
    let mut out = String::new();
    let mut rest = decisions;
    while let Some(&first) = rest.first() {
        let times = rest.iter().take_while(|&&other| other == first).count();
        rest = &rest[times..];
        if !out.is_empty() {
            out.push('.');
        }
        // (Writing to a String does not fail.)
        let _ok = match first {
            Decision::Entity(entity) => write!(out, "{entity}"),
            Decision::Arm(arm) => write!(out, "a{arm}"),
        };
        if times > 1 {
            let _ok = write!(out, "x{times}");
        }
    }
    if out.is_empty() {
        // There was nothing to decide.
        out.push('-');
    }
    out
}

/// The most decisions that a string may stand for.
const MANY: usize = 10_000_000;

/// Reads what [`write`] wrote.
pub(crate) fn read(text: &str) -> Result<Vec<Decision>, String> {
    let mut all = Vec::new();
    if text.trim() == "-" {
        return Ok(all);
    }
    for token in text.trim().split('.') {
        let wrong =
            || format!("{token:?} is no part of a replay string (as `1.2x3.a0`): copy all of it");
        let (what, times) = token.split_once('x').unwrap_or((token, "1"));
        let times: usize = times.parse().map_err(|_| wrong())?;
        let decision = match what.strip_prefix('a') {
            Some(arm) => Decision::Arm(arm.parse().map_err(|_| wrong())?),
            None => Decision::Entity(what.parse().map_err(|_| wrong())?),
        };
        if times > MANY - all.len() {
            return Err(wrong());
        }
        all.extend(std::iter::repeat_n(decision, times));
    }
    Ok(all)
}

/// Follows decisions, once; then, or where they do not fit, it takes what comes first.
pub(crate) struct Replay {
    decisions: std::vec::IntoIter<Decision>,
    begun: bool,
    diverged: Arc<AtomicBool>,
}

impl Replay {
    /// And a flag that tells whether a decision did not fit.
    pub(crate) fn new(decisions: Vec<Decision>) -> (Self, Arc<AtomicBool>) {
        let diverged = Arc::new(AtomicBool::new(false));
        let replay = Self {
            decisions: decisions.into_iter(),
            begun: false,
            diverged: Arc::clone(&diverged),
        };
        (replay, diverged)
    }

    fn diverge(&self) {
        // Ordering: read when the execution is over.
        self.diverged.store(true, Ordering::Relaxed);
    }
}

impl Strategy for Replay {
    fn begin(&mut self) -> bool {
        let is_first = !std::mem::replace(&mut self.begun, true);
        if !is_first && self.decisions.len() > 0 {
            // The execution did not come to all of them.
            self.diverge();
        }
        is_first
    }

    fn schedule(&mut self, fork: &Fork<'_>) -> Option<usize> {
        if fork.candidates.len() == 1 {
            return Some(0);
        }
        let wanted = match self.decisions.next() {
            None => return Some(0),
            Some(Decision::Entity(entity)) => entity,
            Some(Decision::Arm(_)) => {
                self.diverge();
                return Some(0);
            }
        };
        let is_it = |candidate: &super::strategy::Candidate| candidate.entity == wanted;
        Some(fork.candidates.iter().position(is_it).unwrap_or_else(|| {
            self.diverge();
            0
        }))
    }

    fn choose(&mut self, bound: u32) -> u32 {
        match self.decisions.next() {
            Some(Decision::Arm(arm)) if arm < bound => arm,
            None => 0,
            Some(_) => {
                self.diverge();
                0
            }
        }
    }

    fn done(&mut self, _step: &Done<'_>) {}
}
