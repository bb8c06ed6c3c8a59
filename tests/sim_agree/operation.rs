//! What a block of a random program can do.

use super::dice::Dice;

/// One operation. Channels are named by number, earlier blocks by their distance.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Op {
    Put(usize),
    Take(usize),
    TryPut(usize),
    TryTake(usize),
    /// What either arm does: a put or a take.
    Alt([(bool, usize); 2]),
    AltPriority([(bool, usize); 2]),
    AltDefault([(bool, usize); 2]),
    PutAll([usize; 2]),
    CloseTx(usize),
    CloseRx(usize),
    DropTx(usize),
    DropRx(usize),
    Len(usize),
    IsClosed(usize),
    WaitClosed(usize),
    TakeWithin(usize),
    /// A block of its own puts.
    Spawn(usize),
    /// A thread of its own takes, blocking.
    Thread(usize),
    Join,
    Cancel,
    IsFinished,
    Fulfill,
    Await,
    Lock,
    TryLock,
    Yield,
    Point,
}

impl Op {
    pub(crate) fn random(dice: &mut Dice, channels: usize) -> Self {
        let kind = dice.below(60);
        let mut chan = || usize::try_from(dice.below(channels as u64)).expect("it is small");
        let (c, d) = (chan(), chan());
        let arms = [(dice.below(2) == 0, c), (dice.below(2) == 0, d)];
        match kind {
            0..8 => Self::Put(c),
            8..16 => Self::Take(c),
            16..19 => Self::TryPut(c),
            19..22 => Self::TryTake(c),
            22..29 => Self::Alt(arms),
            29..31 => Self::AltPriority(arms),
            31..34 => Self::AltDefault(arms),
            34..36 => Self::PutAll([c, d]),
            36 => Self::CloseTx(c),
            37 => Self::CloseRx(c),
            38 => Self::DropTx(c),
            39 => Self::DropRx(c),
            40 => Self::Len(c),
            41 => Self::IsClosed(c),
            42 => Self::WaitClosed(c),
            43 => Self::TakeWithin(c),
            44 | 45 => Self::Spawn(c),
            46 | 47 => Self::Thread(c),
            48 | 49 => Self::Join,
            50 | 51 => Self::Cancel,
            52 => Self::IsFinished,
            53 => Self::Fulfill,
            54 => Self::Await,
            55 | 56 => Self::Lock,
            57 => Self::TryLock,
            58 => Self::Yield,
            _ => Self::Point,
        }
    }
}
