//! Every schedule that can make a difference, one after the other.
//!
//! Depth first, stateless: an execution is a path of decisions; the next one follows it up to the last decision that has
//! an alternative left, takes that, and goes on with first candidates. Kept are the decisions of one execution
//! and what is left beside each: memory is linear in the depth of one execution.
//!
//! **Reduction.** Exchanging two neighbouring steps that touch nothing in common changes nothing. Of all schedules that are
//! the same up to such exchanges only one has to be run. When a step has ended, the steps that it races with are
//! looked up (Flanagan, Godefroid: *Dynamic Partial-Order Reduction for Model Checking Software*, POPL 2005), by what they
//! really touched; for each race, an entity that leads to the other order is noted at the earlier step's fork, unless one
//! is noted already (the source sets of Abdulla, Aronis, Jonsson, Sagonas: *Optimal Dynamic Partial Order
//! Reduction*, POPL 2014). Sleep sets (Godefroid 1996) end executions that only repeat others.
//!
//! **Arms** are numbers chosen within a step; all are tried. What the step touched is the union over all of them.
//!
//! **Time** passes when nobody can go on, so the clock's step is after everything before it, and races with nothing. If it
//! may pass [at any moment](Dfs::with_time_at_any_moment), the clock is an entity as others, whose steps are taken to
//! depend on all others, unless the world tells what reads and sets the time.
//!
//! **Preemption bound** (Musuvathi, Qadeer: *Iterative Context Bounding*, PLDI 2007): most bugs need two
//! preemptions at most, and there are far fewer such schedules. The reduction may want to prove its point by a preemption
//! that the bound forbids; so, as in Coons, Musuvathi, `McKinley`: *Bounded Partial-Order Reduction* (2013), a race
//! also notes the fork at which the earlier step's entity last began to run, where a switch costs nothing; and there are
//! no sleep sets.

mod options;
mod path;
mod set;
#[cfg(test)]
mod tests;
mod trace;

use options::{Bound, Time};
use path::{Node, Point, Sleeper};
use trace::{Step, Trace};

use super::{CLOCK, Done, Fork, Strategy};

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Phase {
    Fresh,
    Running,
    /// The execution under way was ended by us.
    Redundant,
    Over,
}

/// Explores all schedules. See the module.
#[derive(Debug)]
pub(crate) struct Dfs {
    is_reduced: bool,
    time: Time,
    bound: Option<Bound>,
    /// The path of the execution under way, and of the one before it beyond `at`.
    path: Vec<Point>,
    at: usize,
    /// The fork that decided for the step under way.
    fork: Option<usize>,
    trace: Trace,
    races: Vec<usize>,
    /// Who sleeps at the next fork.
    sleep: Vec<Sleeper>,
    /// One more than the highest number of an object that this execution has shown.
    unknown: u32,
    phase: Phase,
    /// Something was left out for the bound's sake.
    is_cut: bool,
    diverged: bool,
    redundant: u64,
}

impl Dfs {
    fn has_sleep(&self) -> bool {
        self.is_reduced && self.bound.is_none()
    }

    fn is_within(&self, preemptions: u32) -> bool {
        self.bound.is_none_or(|bound| preemptions <= bound.now)
    }

    /// Goes back to the last alternative. False: there is none.
    fn backtrack(&mut self) -> bool {
        let has_sleep = self.has_sleep();
        while let Some(point) = self.path.last_mut() {
            match point {
                Point::Arm { chosen, bound } => {
                    *chosen += 1;
                    if *chosen < *bound {
                        return true;
                    }
                }
                Point::Fork(node) => {
                    node.leave(has_sleep);
                    let (bound, mut is_cut) = (self.bound, false);
                    let next = node.next(|preemptions| {
                        let may = bound.is_none_or(|bound| preemptions <= bound.now);
                        is_cut |= !may;
                        may
                    });
                    self.is_cut |= is_cut;
                    if let Some(entity) = next {
                        node.choose(entity);
                        return true;
                    }
                }
            }
            self.path.pop();
        }
        false
    }

    /// Another round with a wider bound. False: there is none, or nothing beyond this one.
    fn widen(&mut self) -> bool {
        let Some(bound) = &mut self.bound else {
            return false;
        };
        if !self.is_cut {
            return false;
        }
        if bound.now < bound.last {
            bound.now += 1;
        } else if bound.is_completed {
            self.bound = None;
        } else {
            return false;
        }
        self.is_cut = false;
        true
    }

    /// Who could still go on when the execution ended (it failed, or was cut off) might have raced with what went
    /// on instead of it: what it would have touched is not known.
    fn note_unfinished(&mut self) {
        let Some(last) = self.path.iter().rev().find_map(Point::as_fork) else {
            return;
        };
        for entity in last.candidates().to_vec() {
            for node in self.path.iter_mut().rev().filter_map(Point::as_fork_mut) {
                if node.chosen() == entity || !node.candidates().contains(&entity) {
                    break;
                }
                node.add(entity);
            }
        }
    }

    fn see(&mut self, objects: &[u32]) {
        let highest = objects.iter().max();
        self.unknown = self.unknown.max(highest.map_or(0, |number| number + 1));
    }

    fn push_node(&mut self, fork: &Fork<'_>) -> Option<usize> {
        let before = self.path.iter().rev().find_map(Point::as_fork);
        let preemptions = before.map_or(0, Node::preemptions);
        let mut node = Node::new(
            fork,
            preemptions,
            self.unknown,
            std::mem::take(&mut self.sleep),
        );
        let awake =
            node.candidates().iter().copied().find(|&entity| {
                !node.sleeps(entity) && self.is_within(node.preemptions_with(entity))
            });
        let Some(entity) = awake else {
            self.phase = Phase::Redundant;
            self.redundant += 1;
            return None;
        };
        node.choose(entity);
        if !self.is_reduced {
            node.add_all();
        }
        self.path.push(Point::Fork(node));
        Some(self.at)
    }

    /// Sees to it that the newest event also comes before the one that it races with.
    fn reverse(&mut self, early: usize) {
        let late = self.trace.entity_of(self.trace.newest());
        let initials = self.trace.initials(early);
        let is_free = |at: usize| self.path[at].as_fork().is_some_and(Node::is_free);
        let begin = match self.bound {
            Some(_) => self.trace.run_of(early, is_free),
            None => early,
        };
        for event in [begin, early] {
            let at = self.trace.fork_of(event);
            let Some(node) = self.path[at].as_fork_mut() else {
                continue;
            };
            if self.bound.is_some() {
                note_for_bound(node, late);
            } else {
                note(node, late, &initials);
            }
        }
    }
}

fn note(node: &mut Node, late: u32, initials: &[u32]) {
    if initials
        .iter()
        .any(|&entity| node.is_todo(entity) || node.sleeps(entity))
    {
        return;
    }
    let could = |entity: u32| node.candidates().contains(&entity);
    let best = initials
        .iter()
        .copied()
        .find(|&entity| entity == late && could(entity));
    let any = || initials.iter().copied().find(|&entity| could(entity));
    match best.or_else(any) {
        Some(entity) => node.add(entity),
        // What enables it was not told.
        None => node.add_all(),
    }
}

/// A bound may forbid what would follow an initial: only the late entity itself will do.
fn note_for_bound(node: &mut Node, late: u32) {
    if node.candidates().contains(&late) {
        node.add(late);
    } else {
        node.add_all();
    }
}

impl Strategy for Dfs {
    fn begin(&mut self) -> bool {
        match self.phase {
            Phase::Over => return false,
            Phase::Running if self.is_reduced => self.note_unfinished(),
            _ => (),
        }
        if self.phase != Phase::Fresh && !self.backtrack() && !self.widen() {
            self.phase = Phase::Over;
            return false;
        }
        self.phase = Phase::Running;
        self.at = 0;
        self.fork = None;
        self.unknown = 0;
        self.trace.clear();
        self.sleep.clear();
        true
    }

    fn schedule(&mut self, fork: &Fork<'_>) -> Option<usize> {
        if let Some(before) = self.fork.and_then(|at| self.path[at].as_fork()) {
            let new = fork.candidates.iter().map(|c| c.entity);
            self.trace
                .enables(new.filter(|entity| !before.candidates().contains(entity)));
        }
        for candidate in fork.candidates {
            self.see(&candidate.objects);
        }
        let known = self.path.get(self.at);
        if known.is_some_and(|point| point.as_fork().is_none_or(|node| !node.is_of(fork))) {
            self.diverged = true;
            self.path.truncate(self.at);
        }
        if self.at == self.path.len() {
            self.push_node(fork)?;
        }
        let node = self.path[self.at].as_fork_mut()?;
        node.open();
        self.fork = Some(self.at);
        self.at += 1;
        node.index()
    }

    fn choose(&mut self, bound: u32) -> u32 {
        match self.path.get(self.at) {
            Some(&Point::Arm {
                chosen,
                bound: known,
            }) if known == bound => {
                self.at += 1;
                return chosen;
            }
            Some(_) => {
                self.diverged = true;
                self.path.truncate(self.at);
            }
            None => (),
        }
        self.path.push(Point::Arm { chosen: 0, bound });
        self.at += 1;
        0
    }

    fn done(&mut self, step: &Done<'_>) {
        self.see(step.touched);
        let Some(at) = self.fork else {
            return;
        };
        let Some(node) = self.path[at].as_fork_mut() else {
            return;
        };
        if !self.is_reduced {
            return;
        }
        let woke: Vec<u32> = step
            .woke
            .iter()
            .copied()
            .filter(|w| !node.candidates().contains(w))
            .collect();
        let touched = self.trace.push(
            &Step {
                entity: step.entity,
                fork: at,
                touched: step.touched,
                woke: &woke,
                is_continuation: node.is_continuation(),
                is_barrier: step.entity == CLOCK && self.time == Time::WhenIdle,
                meets_all: step.entity == CLOCK && self.time == Time::Untold,
            },
            &mut self.races,
        );
        node.close(&touched);
        // (On the way to the last fork this is as before.)
        self.sleep = node.sleepers_after(&touched);
        while let Some(early) = self.races.pop() {
            self.reverse(early);
        }
    }

    fn diverged(&self) -> bool {
        self.diverged
    }
}
