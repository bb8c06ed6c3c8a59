//! One execution after the other.

use std::{
    fmt::Write as _,
    io::Write as _,
    str::FromStr,
    time::{Duration, Instant},
};

use super::{
    options::{Plan, Sim},
    outside::{self, Census},
    progress::Progress,
    quiet,
    report::{Failure, FailureKind, Report},
    seat::{self, Seat},
    shrink,
    state::{Rules, Wrong},
    strategy::{Bounded, Decision, Dfs, Pct, Random, Replay, Strategy, decode, encode},
    world::{Execution, World},
};
use crate::sync::{Arc, atomic::Ordering};

const DIFFERS: &str = "not deterministic: run again with the same choices";
const WHY: &str = "Does it depend on the system's time, on random numbers, on the order of a hash map, on another \
                   thread, or on what an execution before has left behind?";

/// The schedule that is run twice. (Not the first: that one may set up what stays.)
const LOOKED_AT: u64 = 2;

pub(super) fn run(mut sim: Sim, program: &dyn Fn()) -> Report {
    let wanted = variable::<String>("CSP_SIM_REPLAY");
    // Who asks for it from outside wants to see it.
    let is_told = wanted.is_some() || sim.progress;
    let replayed = wanted.or(sim.replay.take());
    sim.schedules = variable("CSP_SIM_SCHEDULES").or(sim.schedules);
    sim.time = variable("CSP_SIM_SECONDS")
        .map(Duration::from_secs)
        .or(sim.time);
    sim.seed = variable("CSP_SIM_SEED").unwrap_or(sim.seed);
    quiet::silence();
    let world = World::new(sim.rules.clone());
    outside::watch(&world);
    let explorer = Explorer {
        world: &world,
        rules: &sim.rules,
        program,
    };
    let _dismiss = Dismiss(&world);
    seat::enter(&world, Seat::new(), || match replayed {
        Some(text) => explorer.replay(&text, is_told),
        None => explorer.explore(&sim),
    })
}

/// # Panics
/// If it is there and makes no sense.
fn variable<T: FromStr>(name: &str) -> Option<T> {
    let text = std::env::var(name).ok()?;
    let Ok(value) = text.parse() else {
        panic!("{name}={text:?} makes no sense: give it a number");
    };
    Some(value)
}

/// How long a failing schedule is made simpler.
const SHRINKING: Duration = Duration::from_secs(5);

struct Dismiss<'a>(&'a World);

impl Drop for Dismiss<'_> {
    fn drop(&mut self) {
        self.0.dismiss();
    }
}

struct Explorer<'a> {
    world: &'a Arc<World>,
    rules: &'a Rules,
    program: &'a dyn Fn(),
}

impl Explorer<'_> {
    fn explore(&self, sim: &Sim) -> Report {
        let started = Instant::now();
        let before = Census::take();
        let progress = Progress::start(self.world, sim);
        let mut report = Report {
            schedules: 0,
            complete: false,
            failure: None,
            steps: 0,
            time: Duration::ZERO,
        };
        let mut strategy: Box<dyn Strategy> = strategy(sim);
        while sim.most().is_none_or(|most| report.schedules < most)
            && sim.time.is_none_or(|most| started.elapsed() < most)
        {
            if !strategy.begin() {
                report.complete = !strategy.diverged();
                break;
            }
            let execution = self
                .world
                .execute(self.rules.clone(), strategy, self.program);
            report.steps += execution.steps;
            report.schedules += u64::from(!execution.redundant);
            progress.tell(report.schedules);
            let execution = match report.schedules {
                LOOKED_AT => self.look_again(execution),
                _ => execution,
            };
            if let Some(wrong) = execution.wrong {
                let seed = execution.strategy.seed();
                progress.shrinks();
                let failure = self.shrink(wrong, execution.decisions, &execution.preemptions);
                let failure = self.world.blame(failure, &before);
                report.failure = Some(Failure { seed, ..failure });
                break;
            }
            strategy = execution.strategy;
            if strategy.diverged() {
                report.failure = Some(failure(diverged(), &execution.decisions, execution.lines));
                break;
            }
        }
        if let (None, Some(message)) = (&report.failure, self.world.outsider()) {
            let kind = FailureKind::NotDeterministic;
            report.failure = Some(failure(Wrong { kind, message }, &[], Vec::new()));
        }
        report.time = started.elapsed();
        report
    }

    /// Runs a schedule again that was no failure: does the program come to the same choices?
    fn look_again(&self, mut execution: Execution) -> Execution {
        if execution.wrong.is_none() && !execution.redundant {
            let (again, diverged) = self.follow(&execution.decisions, false);
            if diverged || again.print != execution.print {
                execution.wrong = Some(Wrong {
                    kind: FailureKind::NotDeterministic,
                    message: format!("{DIFFERS}, it came to other choices. {WHY}"),
                });
            }
        }
        execution
    }

    fn follow(&self, decisions: &[Decision], trace: bool) -> (Execution, bool) {
        let (mut replay, diverged) = Replay::new(decisions.to_vec());
        replay.begin();
        let rules = Rules {
            trace,
            ..self.rules.clone()
        };
        let mut execution = self.world.execute(rules, Box::new(replay), self.program);
        execution.strategy.begin();
        // Ordering: written by threads that have passed the baton on to this one.
        (execution, diverged.load(Ordering::Relaxed))
    }

    fn shrink(&self, wrong: Wrong, decisions: Vec<Decision>, preemptions: &[bool]) -> Failure {
        let (again, diverged) = self.follow(&decisions, true);
        if wrong.kind == FailureKind::NotDeterministic {
            return failure(wrong, &decisions, again.lines);
        }
        let is_same =
            |other: &Option<Wrong>| other.as_ref().is_some_and(|other| same(&wrong, other));
        if !is_same(&again.wrong) || diverged {
            return changed(&wrong, again, &decisions);
        }
        let until = Instant::now() + SHRINKING;
        let shortest = shrink::shrink(decisions, preemptions, &mut |decisions| {
            if Instant::now() > until {
                // Nothing more is tried: what has been found so far will do.
                return None;
            }
            let (execution, _) = self.follow(decisions, false);
            is_same(&execution.wrong).then_some((execution.decisions, execution.preemptions))
        });
        let (last, _) = self.follow(&shortest, true);
        match last.wrong {
            Some(wrong) => failure(wrong, &last.decisions, last.lines),
            None => failure(wrong, &again.decisions, again.lines),
        }
    }

    fn replay(&self, text: &str, is_told: bool) -> Report {
        let started = Instant::now();
        let decisions = match decode(text) {
            Ok(decisions) => decisions,
            Err(wrong) => panic!("CSP_SIM_REPLAY: {wrong}"),
        };
        let (execution, diverged) = self.follow(&decisions, true);
        if is_told {
            tell(&execution.lines);
        }
        let wrong = execution.wrong.or_else(|| {
            diverged.then(|| Wrong {
                kind: FailureKind::NotDeterministic,
                message: String::from(
                    "not deterministic: the program does not come to the choices of this replay string; is it still \
                     the same program, with the same options?",
                ),
            })
        });
        Report {
            schedules: 1,
            complete: false,
            failure: wrong.map(|wrong| failure(wrong, &decisions, execution.lines)),
            steps: execution.steps,
            time: started.elapsed(),
        }
    }
}

fn tell(lines: &[String]) {
    let mut out = String::new();
    for line in lines {
        // (Writing to a String does not fail.)
        let _ok = writeln!(out, "{line}");
    }
    // There is nobody to tell if stderr is gone.
    let _unheard = std::io::stderr().write_all(out.as_bytes());
}

fn strategy(sim: &Sim) -> Box<dyn Strategy> {
    match (sim.plan, sim.preemptions) {
        (Plan::Random, None) => Box::new(Random::new(sim.seed)),
        (Plan::Random, Some(most)) => Box::new(Bounded::new(Random::new(sim.seed), most)),
        (Plan::Pct { depth }, None) => Box::new(Pct::new(sim.seed, depth)),
        (Plan::Pct { depth }, Some(most)) => {
            Box::new(Bounded::new(Pct::new(sim.seed, depth), most))
        }
        (Plan::Exhaustive { is_reduced }, most) => {
            let mut dfs = Dfs::new();
            if !is_reduced {
                dfs = dfs.without_reduction();
            }
            if sim.rules.racing_time {
                // Not every look at the time is told to the strategy.
                dfs = dfs.with_time_at_any_moment(false);
            }
            if let Some(most) = most {
                // The simplest first: most bugs need one or two.
                dfs = dfs.with_growing_preemptions(most, false);
            }
            Box::new(dfs)
        }
    }
}

/// The search found other forks than the last time.
fn diverged() -> Wrong {
    Wrong {
        kind: FailureKind::NotDeterministic,
        message: String::from(
            "not deterministic: the same choices led to other blocks or operations than before. Does the program \
             depend on the system's time, on random numbers, on the order of a hash map, on another thread, or on what \
             an execution before has left behind?",
        ),
    }
}

/// Fails the same way. (Who is parked where may differ.)
fn same(a: &Wrong, b: &Wrong) -> bool {
    a.kind == b.kind && (a.kind != FailureKind::Panic || a.message == b.message)
}

fn failure(wrong: Wrong, decisions: &[Decision], schedule: Vec<String>) -> Failure {
    Failure {
        kind: wrong.kind,
        message: wrong.message,
        seed: None,
        replay: encode(decisions),
        schedule,
    }
}

/// The same choices led to something else.
fn changed(wrong: &Wrong, again: Execution, decisions: &[Decision]) -> Failure {
    let other = match &again.wrong {
        Some(other) => format!("it failed in another way: {}", other.message),
        None => String::from("it did not fail"),
    };
    let message = format!(
        "{DIFFERS}, {other}. {WHY} The first time: {}",
        wrong.message
    );
    let wrong = Wrong {
        kind: FailureKind::NotDeterministic,
        message,
    };
    failure(wrong, decisions, again.lines)
}
