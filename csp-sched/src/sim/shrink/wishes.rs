//! What might be simpler than a schedule and fail as well.

use crate::sim::strategy::{CLOCK, Decision};

/// Steps of one entity in a row, with the arms chosen in them.
#[derive(Debug, Clone)]
struct Segment {
    entity: u32,
    decisions: Vec<Decision>,
}

/// Ways to a simpler schedule, the ones that drop most first.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Way {
    /// Only what is before a segment, then no wishes.
    Cut,
    /// In so many segments in a row each entity runs once only.
    Group(usize),
    /// A segment's entity runs on as far as it can.
    RunOn,
    /// A segment comes with the next one of its entity.
    Later,
    /// A segment comes with the one before of its entity.
    Earlier,
    /// A segment comes somewhere else.
    Move,
    /// A segment comes somewhere else, and from there on each runs as far as it can.
    MoveAndRun,
    /// A segment is left out: what it does may not matter.
    Drop,
    /// Only half of a segment.
    Halve,
    /// All but the last step of a segment.
    Shorten,
    /// Only what is before a decision; then another entity runs as far as it can.
    Switch,
    /// Before a decision another entity runs as far as it can; the rest as it was.
    Burst,
    /// An arm is the first one.
    FirstArm,
}

/// The wishes for one schedule after the other.
#[derive(Debug)]
pub(super) struct Wishes {
    way: Way,
    /// Which of the wishes of this way comes next.
    index: usize,
}

impl Wishes {
    pub(super) fn new() -> Self {
        Self {
            way: Way::Cut,
            index: 0,
        }
    }

    /// What to try next, in place of the best so far. `None`: all has been tried.
    pub(super) fn next(&mut self, best: &[Decision]) -> Option<Vec<Decision>> {
        let segments = segments(best);
        loop {
            if self.index >= how_many(self.way, best, &segments) {
                self.way = after(self.way, segments.len())?;
                self.index = 0;
                continue;
            }
            let wish = wish(self.way, self.index, best, &segments);
            if let Some(wish) = wish.filter(|wish| wish != best) {
                return Some(wish);
            }
            self.index += 1;
        }
    }

    /// Whether the last wish was simpler and failed: the best has changed, and the same may be wished again.
    pub(super) fn answer(&mut self, is_better: bool) {
        self.index += usize::from(!is_better);
    }
}

fn after(way: Way, segments: usize) -> Option<Way> {
    Some(match way {
        Way::Cut => Way::Group(segments.max(3)),
        Way::Group(width) if width / 2 >= 3 => Way::Group(width / 2),
        Way::Group(width) if width > 3 => Way::Group(3),
        Way::Group(_) => Way::RunOn,
        Way::RunOn => Way::Later,
        Way::Later => Way::Earlier,
        Way::Earlier => Way::Move,
        Way::Move => Way::MoveAndRun,
        Way::MoveAndRun => Way::Drop,
        Way::Drop => Way::Halve,
        Way::Halve => Way::Shorten,
        Way::Shorten => Way::Switch,
        Way::Switch => Way::Burst,
        Way::Burst => Way::FirstArm,
        Way::FirstArm => return None,
    })
}

fn how_many(way: Way, best: &[Decision], segments: &[Segment]) -> usize {
    match way {
        Way::Group(width) => segments.len().div_ceil(stride(width)),
        Way::Move | Way::MoveAndRun => segments.len().pow(2),
        Way::Switch | Way::Burst => best.len() * entities(segments).len(),
        Way::FirstArm => best.len(),
        _ => segments.len(),
    }
}

fn stride(width: usize) -> usize {
    (width / 2).max(1)
}

fn wish(way: Way, index: usize, best: &[Decision], segments: &[Segment]) -> Option<Vec<Decision>> {
    let mut all = segments.to_vec();
    match way {
        Way::Cut => all.truncate(index),
        Way::Group(width) => group(&mut all, index * stride(width), width),
        Way::RunOn => run_on(&mut all, index, best.len()),
        Way::Later => {
            let own = all.remove(index);
            let next = all[index..].iter_mut().find(|s| s.entity == own.entity)?;
            next.decisions.splice(0..0, own.decisions);
        }
        Way::Earlier => {
            let own = all.remove(index);
            let before = all[..index].iter_mut().rfind(|s| s.entity == own.entity)?;
            before.decisions.extend(own.decisions);
        }
        Way::Move => {
            relocate(&mut all, index);
        }
        Way::MoveAndRun => {
            let first = relocate(&mut all, index);
            for segment in &mut all[first..] {
                let step = Decision::Entity(segment.entity);
                segment
                    .decisions
                    .extend(std::iter::repeat_n(step, best.len()));
            }
        }
        Way::Drop => drop(all.remove(index)),
        Way::Halve => {
            let len = all[index].decisions.len();
            all[index].decisions.truncate(len / 2);
        }
        Way::Shorten => drop(all[index].decisions.pop()),
        Way::Switch => return switch(index, best, segments, false),
        Way::Burst => return switch(index, best, segments, true),
        Way::FirstArm => return first_arm(index, best),
    }
    Some(
        all.into_iter()
            .flat_map(|segment| segment.decisions)
            .collect(),
    )
}

fn group(all: &mut Vec<Segment>, at: usize, width: usize) {
    let end = (at + width).min(all.len());
    let mut grouped: Vec<Segment> = Vec::new();
    for segment in all.drain(at..end) {
        match grouped.iter_mut().find(|s| s.entity == segment.entity) {
            Some(same) => same.decisions.extend(segment.decisions),
            None => grouped.push(segment),
        }
    }
    all.splice(at..at, grouped);
}

fn run_on(all: &mut Vec<Segment>, at: usize, len: usize) {
    let entity = all[at].entity;
    let later = all.split_off(at + 1);
    for segment in later {
        if segment.entity == entity {
            all[at].decisions.extend(segment.decisions);
        } else {
            all.push(segment);
        }
    }
    // More than it did: what it cannot do is left out.
    all[at]
        .decisions
        .extend(std::iter::repeat_n(Decision::Entity(entity), len));
}

/// Puts one somewhere else; the first place that changes.
fn relocate(all: &mut Vec<Segment>, index: usize) -> usize {
    let (from, to) = (index / all.len(), index % all.len());
    let own = all.remove(from);
    all.insert(to, own);
    from.min(to)
}

fn switch(
    index: usize,
    best: &[Decision],
    segments: &[Segment],
    with_rest: bool,
) -> Option<Vec<Decision>> {
    let entities = entities(segments);
    let (at, to) = (index / entities.len(), entities[index % entities.len()]);
    if !matches!(best[at], Decision::Entity(entity) if entity != to) {
        return None;
    }
    let mut wish = best[..at].to_vec();
    wish.extend(std::iter::repeat_n(Decision::Entity(to), best.len()));
    if with_rest {
        wish.extend(&best[at..]);
    }
    Some(wish)
}

fn first_arm(index: usize, best: &[Decision]) -> Option<Vec<Decision>> {
    let mut wish = best.to_vec();
    match &mut wish[index] {
        Decision::Arm(arm) if *arm > 0 => *arm = 0,
        _ => return None,
    }
    Some(wish)
}

/// All that may be there. (One that is never decided for is in none of the segments.)
fn entities(segments: &[Segment]) -> Vec<u32> {
    let most = segments.iter().map(|segment| segment.entity).max();
    let has_time = segments.iter().any(|segment| segment.entity == CLOCK);
    let first = if has_time { CLOCK } else { CLOCK + 1 };
    (first..=most.unwrap_or(first)).collect()
}

/// An arm goes with the entity that was decided for last, though one that alone could go on may have chosen it.
fn segments(decisions: &[Decision]) -> Vec<Segment> {
    let mut segments: Vec<Segment> = Vec::new();
    for &decision in decisions {
        let last = segments.last().map(|segment| segment.entity);
        let entity = match decision {
            Decision::Entity(entity) => entity,
            Decision::Arm(_) => last.unwrap_or(CLOCK + 1),
        };
        match segments.last_mut() {
            Some(last) if last.entity == entity => last.decisions.push(decision),
            _ => segments.push(Segment {
                entity,
                decisions: vec![decision],
            }),
        }
    }
    segments
}
