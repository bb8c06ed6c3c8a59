//! What an input of a mix can be set to.

/// How an input of a [`Mix`](super::Mix) is treated. The default is to be heard.
///
/// | | nobody is solo | somebody else is solo | it is solo |
/// |---|---|---|---|
/// | nothing set | heard | as [`SoloMode`] says | heard |
/// | `mute` | read and dropped | as [`SoloMode`] says | heard |
/// | `pause` | not read | not read | heard |
/// | both | not read | not read | heard |
///
/// A soloed input is heard whatever else is set, as core.async's documentation says (its code does not
/// read one that is paused as well).
///
/// ```
/// use csp::MixState;
/// let both = MixState { mute: true, ..MixState::PAUSED };
/// assert!(both.mute && both.pause && !both.solo);
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub struct MixState {
    /// Its values are taken and dropped.
    pub mute: bool,
    /// Nothing is taken from it, so that whoever puts into it waits.
    pub pause: bool,
    /// Only it, and the other soloed ones, are heard.
    pub solo: bool,
}

impl MixState {
    /// Its values are taken and dropped.
    pub const MUTED: Self = Self {
        mute: true,
        pause: false,
        solo: false,
    };
    /// Nothing is taken from it.
    pub const PAUSED: Self = Self {
        mute: false,
        pause: true,
        solo: false,
    };
    /// Only it, and the other soloed ones, are heard.
    pub const SOLO: Self = Self {
        mute: false,
        pause: false,
        solo: true,
    };
}

/// What becomes of the inputs of a [`Mix`](super::Mix) that are not soloed while others are.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub enum SoloMode {
    /// Their values are taken and dropped.
    #[default]
    Mute,
    /// Nothing is taken from them.
    Pause,
}

/// What is done with an input.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Treatment {
    Heard,
    Dropped,
    NotRead,
}

impl MixState {
    /// What it comes to, when inputs are soloed (in the mode `solos`) or none is.
    pub(super) fn treatment(self, solos: Option<SoloMode>) -> Treatment {
        match solos {
            Some(_) if self.solo => Treatment::Heard,
            _ if self.pause => Treatment::NotRead,
            Some(SoloMode::Pause) => Treatment::NotRead,
            Some(SoloMode::Mute) => Treatment::Dropped,
            None if self.mute => Treatment::Dropped,
            None => Treatment::Heard,
        }
    }
}
