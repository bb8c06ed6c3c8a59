//! Classic small programs, and random ones.

use super::toy::{Kind, Op, Program};
use crate::sim::strategy::dice::Dice;

/// Each writes to a variable of its own.
pub(in crate::sim) fn independent_writers(n: usize) -> Program {
    let writer = |i| vec![Op::Append(i, 1), Op::Append(i, 2)];
    Program::new(vec![Kind::Var(0); n], (0..n).map(writer).collect())
}

/// Two or more count without a lock: an update is lost.
pub(in crate::sim) fn lost_update(n: usize, padding: usize) -> Program {
    let mut objects = vec![Kind::Var(0)];
    objects.resize(1 + n, Kind::Var(0));
    let counter = |i: usize| {
        let mut ops = vec![Op::Append(i, 1); padding];
        ops.extend([Op::Load(0), Op::StoreNext(0)]);
        ops.extend(vec![Op::Append(i, 1); padding]);
        ops.push(Op::Put(n + 1, 1));
        ops
    };
    objects.push(Kind::Chan(n));
    let mut main = vec![Op::Take(n + 1); n];
    main.extend((1..n as i64).map(|lost| Op::FailIf(0, lost)));
    let entities = std::iter::once(main).chain((1..=n).map(counter)).collect();
    Program::new(objects, entities)
}

/// Each takes its left fork, then its right one.
pub(in crate::sim) fn philosophers(n: usize) -> Program {
    let philosopher = |i: usize| {
        let (left, right) = (i, (i + 1) % n);
        vec![
            Op::Lock(left),
            Op::Lock(right),
            Op::Unlock(right),
            Op::Unlock(left),
        ]
    };
    let entities = std::iter::once(Vec::new())
        .chain((0..n).map(philosopher))
        .collect();
    Program::new(vec![Kind::Lock; n], entities)
}

/// Readers and writers of one variable behind a lock.
pub(in crate::sim) fn readers_writers(readers: usize, writers: usize) -> Program {
    let reader = vec![Op::Lock(0), Op::Load(1), Op::Unlock(0)];
    let writer = |i| vec![Op::Lock(0), Op::Append(1, i), Op::Unlock(0)];
    let mut entities = vec![reader; readers];
    entities.extend((1..=writers as i64).map(writer));
    Program::new(vec![Kind::Lock, Kind::Var(0)], entities)
}

/// One puts, one takes.
pub(in crate::sim) fn producer_consumer(values: usize, capacity: usize) -> Program {
    let puts = (1..=values as i64).map(|v| Op::Put(0, v)).collect();
    Program::new(
        vec![Kind::Chan(capacity)],
        vec![puts, vec![Op::Take(0); values]],
    )
}

/// A signal that comes before the wait is lost.
pub(in crate::sim) fn missed_signal(padding: usize) -> Program {
    let mut signal = vec![Op::Append(1, 1); padding];
    signal.push(Op::Signal(0));
    Program::new(
        vec![Kind::Signal, Kind::Var(0)],
        vec![vec![Op::Wait(0)], signal],
    )
}

/// Fails if the checker sees a variable between two writes, while both of two flags are set: three in a certain order.
pub(in crate::sim) fn deep_order(padding: usize) -> Program {
    let mut one = vec![Op::Append(2, 1); padding];
    one.extend([Op::Append(0, 1), Op::Append(0, 2)]);
    let mut other = vec![Op::Append(3, 1); padding];
    other.extend([Op::Append(0, 3), Op::FailIf(0, 1342)]);
    let mut third = vec![Op::Append(4, 1); padding];
    third.push(Op::Append(0, 4));
    Program::new(vec![Kind::Var(0); 5], vec![Vec::new(), one, other, third])
}

/// One must stand still while another does all its steps.
pub(in crate::sim) fn overtaken(steps: usize) -> Program {
    let slow = vec![Op::Append(0, 1), Op::FailIf(1, 7), Op::Append(2, 1)];
    let mut fast = vec![Op::Append(2, 1); steps];
    fast.extend([Op::Append(1, 7), Op::Append(2, 1), Op::Append(1, 8)]);
    Program::new(vec![Kind::Var(0); 3], vec![Vec::new(), slow, fast])
}

/// A needle: fails only if the two arms and the order of two puts are right.
pub(in crate::sim) fn arms() -> Program {
    let chooser = vec![
        Op::TakeEither(0, 1),
        Op::TakeEither(0, 1),
        Op::Dice(3),
        Op::FailUnless(120),
    ];
    let objects = vec![Kind::Chan(1), Kind::Chan(1)];
    Program::new(
        objects,
        vec![
            Vec::new(),
            vec![Op::Put(0, 1)],
            vec![Op::Put(1, 2)],
            chooser,
        ],
    )
}

/// A small random program: some end, some deadlock, some fail.
pub(in crate::sim) fn random(seed: u64) -> Program {
    let mut dice = Dice::new(seed);
    let objects = vec![
        Kind::Var(0),
        Kind::Var(0),
        Kind::Lock,
        Kind::FreeLock,
        Kind::Signal,
        Kind::Chan(0),
        Kind::Chan(1),
    ];
    let entities = 2 + dice.index(3);
    let most = [5, 4, 3][entities - 2];
    // Few kinds of operations in one program, so that they meet.
    let kinds: Vec<u64> = (0..=dice.index(4)).map(|_| dice.below(20)).collect();
    let mut ops = || {
        let len = 1 + dice.index(most);
        let kind = |dice: &mut Dice| kinds[dice.index(kinds.len())];
        (0..len)
            .map(|_| {
                let kind = kind(&mut dice);
                random_op(kind, &mut dice)
            })
            .collect()
    };
    let mut programs: Vec<Vec<Op>> = (0..entities).map(|_| ops()).collect();
    let is_nested = dice.below(3) == 0;
    let mut program = if is_nested {
        // Each starts the next somewhere in its middle.
        for next in 1..entities {
            let at = dice.index(programs[next - 1].len() + 1);
            programs[next - 1].insert(at, Op::Start(next));
        }
        Program {
            objects,
            entities: programs,
            time_at_any_moment: false,
            is_time_told: true,
        }
    } else {
        Program::new(objects, programs)
    };
    program.time_at_any_moment = dice.below(4) == 0;
    program
}

fn random_op(kind: u64, dice: &mut Dice) -> Op {
    let digit = 1 + dice.below(9) as i64;
    match kind {
        0..3 => Op::Append(dice.index(2), digit),
        3 => Op::Load(dice.index(2)),
        4 => Op::StoreNext(dice.index(2)),
        5 | 6 => match dice.below(2) {
            0 => Op::Lock(2 + dice.index(2)),
            _ => Op::Unlock(2 + dice.index(2)),
        },
        7 | 8 => match dice.below(2) {
            0 => Op::Wait(4),
            _ => Op::Signal(4),
        },
        9 | 10 => match dice.below(2) {
            0 => Op::Put(5 + dice.index(2), digit),
            _ => Op::TakeEither(5, 6),
        },
        11..14 => Op::Put(5 + dice.index(2), digit),
        14 | 15 => Op::Take(5 + dice.index(2)),
        16 | 17 => Op::TakeEither(5, 6),
        18 => match dice.below(4) {
            0 => Op::Dice(2 + dice.below_u32(2)),
            1 => Op::FailIf(0, digit),
            2 => Op::FailUnless(0),
            _ => Op::Yield,
        },
        _ => Op::Sleep(1 + dice.below(3)),
    }
}
