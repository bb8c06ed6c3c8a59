//! Makes a failing schedule shorter. (Replaced when the strategies are merged.)

use super::replay::Decision;

/// The shortest list of decisions found that still fails. `run` tells what was really decided if it fails the same way.
pub(crate) fn shrink(
    decisions: Vec<Decision>,
    _is_preemption: &[bool],
    _run: &mut dyn FnMut(&[Decision]) -> Option<(Vec<Decision>, Vec<bool>)>,
) -> Vec<Decision> {
    decisions
}
