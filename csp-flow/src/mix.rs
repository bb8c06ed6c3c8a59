//! Several inputs into one channel, each of which can be muted, paused or soloed.

mod applied;
mod block;
mod state;

use std::{fmt, panic::resume_unwind};

use csp_core::{Receiver, Sender, chan};
use csp_sched::go;

pub use self::{
    applied::Applied,
    state::{MixState, SoloMode},
};
use self::{block::Block, block::Change};
use crate::{
    AtEnd,
    block::{caught, changes, panicked},
};

const NAME: &str = "the mix";

/// Puts what comes from any of its *inputs* into one channel. Inputs come and go, and each can be muted,
/// paused or soloed: core.async's `mix`. Made by [`mix`].
///
/// ```text
/// input a   1        2        3    |
/// input b      x  y        z     w
/// out       1  x  y        z  3  w
///                ^ a muted  ^ and heard again
/// ```
///
/// * **Which is read.** One at random of those that have a value, so that none starves.
/// * **Back pressure.** One value at a time is on its way into the output; while it waits for room,
///   nothing is read.
/// * **Changes** are asked for at once, and applied between two reads, each as a whole. Await what
///   [`toggle`](Self::toggle) and the others give ([`Applied`]) to know that it was; they do not wait
///   for a slow output.
/// * **Inputs** are told apart by their channels ([`Receiver::same_channel`]). One that has ended is
///   removed; a paused one is not looked at, so its end shows when it is read again.
/// * **The output** is never closed by the mix, as in core.async, unless [`mix_with`] is told to. When it
///   is closed by others, or its receivers are gone, the mix ends at once, also while no value comes:
///   it drops its inputs, and what stands in them stays there. A value that it had read already is
///   kept for [`undelivered`](Self::undelivered).
/// * **Dropped.** Clones are handles of the same mix. When the last one is dropped it goes on with the
///   inputs that it has; when none is left that could ever be read, it ends.
/// * **Failures.** An input that [failed](Sender::fail) is removed like one that ended. If `mix_with` was
///   told to close the output, it fails it instead, with the first cause.
///
/// One go block reads all inputs; at most 65,536 of them.
///
/// ```
/// use csp::{MixState, prelude::*};
///
/// let (out, heard) = chan(0);
/// let mix = csp::mix(out);
/// let (voice, voice_in) = chan(0);
/// let (music, music_in) = chan(0);
/// mix.admix(voice_in.clone());
/// mix.admix(music_in.clone());
/// let player = go!({
///     while put!(music, "la").is_ok() {}
/// });
/// assert_eq!(heard.take_blocking(), Some("la"));
///
/// mix.toggle([(voice_in, MixState::SOLO)]).wait();
/// heard.try_take().ok(); // perhaps one had been read before
/// voice.put_blocking("hello")?;
/// assert_eq!(heard.take_blocking(), Some("hello"));
///
/// drop(heard);
/// drop(music_in);
/// assert_eq!(player.wait(), Ok(()));
/// # Ok::<(), Closed<&str>>(())
/// ```
pub struct Mix<T> {
    changes: Sender<Change<T>>,
    /// Gets the value that could not be delivered, and closes with the mix.
    left: Receiver<T>,
}

/// Starts to put what comes from its inputs, of which it has none yet, into `out`: see [`Mix`].
///
/// ```
/// use csp::prelude::*;
/// let (out, all) = chan(0);
/// let mix = csp::mix(out);
/// mix.admix(csp::to_chan(1..=3));
/// mix.admix(csp::to_chan(4..=6));
/// drop(mix); // it ends with its inputs, and drops `out`
/// assert_eq!(all.into_iter().sum::<u32>(), 21);
/// ```
#[track_caller]
pub fn mix<T>(out: Sender<T>) -> Mix<T>
where
    T: Send + 'static,
{
    mix_with(out, AtEnd::KeepOpen)
}

/// As [`mix`]; `at_end` says what becomes of `out` when the mix ends: when its last handle was dropped,
/// and no input is left that could ever be read.
///
/// With [`AtEnd::Close`] it closes, also if it has other senders, or fails if an input has failed.
///
/// ```
/// use csp::{AtEnd, prelude::*};
/// let (out, all) = chan(0);
/// let mix = csp::mix_with(out.clone(), AtEnd::Close);
/// let (tx, rx) = chan(1);
/// mix.admix(rx);
/// drop(mix);
/// tx.put_blocking(1)?;
/// tx.fail("the sensor is gone");
/// assert_eq!((all.take_blocking(), all.take_blocking()), (Some(1), None));
/// assert_eq!(all.failure().unwrap().to_string(), "the sensor is gone");
/// # Ok::<(), Closed<i32>>(())
/// ```
#[track_caller]
pub fn mix_with<T>(out: Sender<T>, at_end: AtEnd) -> Mix<T>
where
    T: Send + 'static,
{
    let (changes_tx, changes) = changes();
    let (left_tx, left) = chan(1);
    let mut block = Block::new(changes, out, at_end);
    drop(go(async move {
        match caught(block.run()).await {
            Ok(undelivered) => {
                if let Some(value) = undelivered {
                    // There is room for one.
                    left_tx.try_put(value).ok();
                }
                block.end();
            }
            Err(payload) => {
                block.end_with(panicked(NAME, &payload));
                resume_unwind(payload);
            }
        }
    }));
    Mix {
        changes: changes_tx,
        left,
    }
}

impl<T> Mix<T> {
    /// Adds an input, to be heard. If it is one already, it is set back to be heard.
    ///
    /// `true` if it was added; `false`, and the receiver is dropped, if the mix has ended, or has 65,536
    /// inputs.
    ///
    /// ```
    /// use csp::prelude::*;
    /// let (out, heard) = chan(0);
    /// let mix = csp::mix(out);
    /// assert!(mix.admix(csp::to_chan([1])).wait());
    /// assert_eq!(heard.take_blocking(), Some(1));
    /// ```
    pub fn admix(&self, input: Receiver<T>) -> Applied<bool> {
        self.toggle([(input, MixState::default())])
    }

    /// Sets how inputs are treated, all at the same time. Those that are not inputs yet are added.
    ///
    /// `true` if it was done; `false`, and nothing was, if the mix has ended, or would have more than
    /// 65,536 inputs.
    ///
    /// (In core.async what is not named stays as it was; here the state that is given counts.)
    ///
    /// ```
    /// use csp::{MixState, prelude::*};
    /// let (out, heard) = chan(0);
    /// let mix = csp::mix(out);
    /// let (_a_tx, a) = chan::<u32>(0);
    /// let (b_tx, b) = chan(1);
    /// let toggled = mix.toggle([
    ///     (a, MixState::SOLO),
    ///     (b.clone(), MixState { mute: true, ..MixState::PAUSED }),
    /// ]);
    /// assert!(toggled.wait());
    /// b_tx.put_blocking(1)?; // it waits there
    /// mix.toggle([(b, MixState::SOLO)]);
    /// assert_eq!(heard.take_blocking(), Some(1));
    /// # Ok::<(), Closed<u32>>(())
    /// ```
    pub fn toggle(
        &self,
        states: impl IntoIterator<Item = (Receiver<T>, MixState)>,
    ) -> Applied<bool> {
        let states = states.into_iter().collect();
        self.ask(|done| Change::Toggle(states, done))
    }

    /// Says what becomes of the inputs that are not soloed while others are.
    ///
    /// ```
    /// use csp::{MixState, SoloMode, prelude::*};
    /// let (out, heard) = chan(0);
    /// let mix = csp::mix(out);
    /// let ((_a_tx, a), (b_tx, b)) = (chan(0), chan(1));
    /// mix.solo_mode(SoloMode::Pause);
    /// mix.toggle([(a.clone(), MixState::SOLO), (b, MixState::default())]).wait();
    /// b_tx.put_blocking("it waits")?;
    /// mix.unmix(&a); // nobody is soloed any more
    /// assert_eq!(heard.take_blocking(), Some("it waits"));
    /// # Ok::<(), Closed<&str>>(())
    /// ```
    pub fn solo_mode(&self, mode: SoloMode) -> Applied<bool> {
        self.ask(|done| Change::SoloMode(mode, done))
    }

    /// Takes an input out, and gives its receiver back; `None` if it was none. Nothing is read from it
    /// after that.
    ///
    /// ```
    /// use csp::prelude::*;
    /// let (out, heard) = chan::<u32>(0);
    /// let mix = csp::mix(out);
    /// let (tx, rx) = chan(8);
    /// mix.admix(rx.clone());
    /// let back = mix.unmix(&rx).wait().unwrap();
    /// tx.put_blocking(1)?;
    /// assert_eq!(back.take_blocking(), Some(1));
    /// # drop(heard);
    /// # Ok::<(), Closed<u32>>(())
    /// ```
    pub fn unmix(&self, input: &Receiver<T>) -> Applied<Option<Receiver<T>>> {
        self.ask(|done| Change::Unmix(input.clone(), done))
    }

    /// Takes all inputs out, and gives their receivers back.
    ///
    /// ```
    /// use csp::prelude::*;
    /// let (out, heard) = chan::<u32>(0);
    /// let mix = csp::mix(out);
    /// let (_txs, rxs): (Vec<_>, Vec<_>) = (0..3).map(|_| chan(0)).unzip();
    /// for rx in rxs { mix.admix(rx); }
    /// assert_eq!(mix.unmix_all().wait().len(), 3);
    /// # drop(heard);
    /// ```
    pub fn unmix_all(&self) -> Applied<Vec<Receiver<T>>> {
        self.ask(Change::UnmixAll)
    }

    /// The value that had been read when the output closed, if there was one, and nobody has asked for it
    /// before.
    ///
    /// ```
    /// use csp::prelude::*;
    /// let (out, heard) = chan(0);
    /// let mix = csp::mix(out);
    /// let (tx, rx) = chan(0);
    /// mix.admix(rx);
    /// tx.put_blocking("nobody hears it")?; // read, and on its way
    /// drop(heard);
    /// go!({ tx.closed().await }).wait()?; // the mix has ended, and dropped its inputs
    /// assert_eq!(mix.undelivered(), Some("nobody hears it"));
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn undelivered(&self) -> Option<T> {
        self.left.try_take().ok()
    }

    fn ask<R: Default>(&self, change: impl FnOnce(Sender<R>) -> Change<T>) -> Applied<R> {
        let (done, applied) = Applied::new();
        // If it has ended, `done` is dropped with the change, and that says so.
        self.changes.try_put(change(done)).ok();
        applied
    }
}

impl<T> Clone for Mix<T> {
    fn clone(&self) -> Self {
        Self {
            changes: self.changes.clone(),
            left: self.left.clone(),
        }
    }
}

impl<T> fmt::Debug for Mix<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Mix")
            .field("ended", &self.left.is_closed())
            .finish_non_exhaustive()
    }
}
