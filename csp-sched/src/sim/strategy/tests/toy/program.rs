//! What the entities of the toy world can do.

/// What an entity does. Objects are named by their index in [`Program::objects`].
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::sim) enum Op {
    /// Appends a digit to a variable: the order of two shows.
    Append(usize, i64),
    Load(usize),
    /// Stores the register plus one.
    StoreNext(usize),
    /// Fails if the variable has this value.
    FailIf(usize, i64),
    /// Fails unless the register has this value.
    FailUnless(i64),
    Lock(usize),
    Unlock(usize),
    /// Parks until signalled; a signal that nobody waits for is lost.
    Wait(usize),
    Signal(usize),
    Put(usize, i64),
    Take(usize),
    /// Takes from either; if both are ready, chance decides.
    TakeEither(usize, usize),
    /// Appends what chance says, below the bound.
    Dice(u32),
    /// Starts the entity with this program.
    Start(usize),
    /// Parks until this much later.
    Sleep(u64),
    /// Lets others go on.
    Yield,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub(in crate::sim) enum Kind {
    Var(i64),
    /// Handed from the one that unlocks to the one that waits longest.
    Lock,
    /// Unlocking wakes the one that waits longest, which tries again.
    FreeLock,
    Signal,
    Chan(usize),
}

/// The first entity runs `entities[0]`; the others run if they are started.
#[derive(Debug, Clone)]
pub(in crate::sim) struct Program {
    pub(in crate::sim) objects: Vec<Kind>,
    pub(in crate::sim) entities: Vec<Vec<Op>>,
    pub(in crate::sim) time_at_any_moment: bool,
    /// What sets a timer touches what the clock touches.
    pub(in crate::sim) is_time_told: bool,
}

impl Program {
    /// The first entity starts all others, then does its own.
    pub(in crate::sim) fn new(objects: Vec<Kind>, mut entities: Vec<Vec<Op>>) -> Self {
        let starts = (1..entities.len()).map(Op::Start);
        let own = std::mem::take(&mut entities[0]);
        entities[0] = starts.chain(own).collect();
        Self {
            objects,
            entities,
            time_at_any_moment: false,
            is_time_told: true,
        }
    }
}
