//! Where go blocks and their park points stand in the user's source.
//!
//! All of it is static data that `go!` and `take!` lay down: parking stores one pointer, and the
//! dump reads it.

use std::{fmt, panic::Location};

/// What a park point waits for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Op {
    /// A take from a channel.
    Take,
    /// A put to a channel.
    Put,
    /// Any future or promise.
    Park,
    /// One of several operations.
    Alt,
}

impl fmt::Display for Op {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Take => "take!",
            Self::Put => "put!",
            Self::Park => "park!",
            Self::Alt => "alt!",
        })
    }
}

/// Where a go block starts, and the table of its park points.
#[derive(Clone, Copy)]
pub struct BlockSite {
    file: &'static str,
    line: u32,
    column: u32,
    module: &'static str,
    sites: &'static [ParkSite],
}

impl BlockSite {
    /// Used by `go!`.
    #[doc(hidden)]
    pub const fn new(
        file: &'static str,
        line: u32,
        column: u32,
        module: &'static str,
        sites: &'static [ParkSite],
    ) -> Self {
        Self {
            file,
            line,
            column,
            module,
            sites,
        }
    }

    /// The site of a block that was started by a function: it has no table.
    pub(crate) fn of_caller(at: &'static Location<'static>) -> Self {
        Self {
            file: at.file(),
            line: at.line(),
            column: at.column(),
            module: "",
            sites: &[],
        }
    }

    /// The source file.
    pub fn file(&self) -> &'static str {
        self.file
    }

    /// The line, from 1.
    pub fn line(&self) -> u32 {
        self.line
    }

    /// The column, from 1.
    pub fn column(&self) -> u32 {
        self.column
    }

    /// The module that the block stands in; empty for a block started by a function.
    pub fn module(&self) -> &'static str {
        self.module
    }

    /// The park points of the block, in source order: number _n_ is state _n_.
    pub fn park_sites(&self) -> &'static [ParkSite] {
        self.sites
    }
}

impl PartialEq for BlockSite {
    fn eq(&self, other: &Self) -> bool {
        (self.file, self.line, self.column) == (other.file, other.line, other.column)
    }
}

impl Eq for BlockSite {}

impl fmt::Display for BlockSite {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}:{}", self.file, self.line, self.column)
    }
}

impl fmt::Debug for BlockSite {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "BlockSite({self}, {} park points)", self.sites.len())
    }
}

/// One park point: operation, source text of the channel, place, and its number in the block.
#[derive(Clone, Copy)]
pub struct ParkSite {
    text: &'static str,
    at: At,
    line: u32,
    column: u32,
    state: u32,
    op: Op,
}

/// The block of a site, which tells the file; or the file alone, if no `go!` numbered the site. As small
/// as the file alone.
#[derive(Clone, Copy)]
enum At {
    Block(&'static BlockSite),
    File(&'static str),
}

impl ParkSite {
    /// Used by `go!` for the park points it numbers.
    #[doc(hidden)]
    pub const fn in_block(
        op: Op,
        text: &'static str,
        line: u32,
        column: u32,
        state: u32,
        block: &'static BlockSite,
    ) -> Self {
        Self {
            text,
            at: At::Block(block),
            line,
            column,
            state,
            op,
        }
    }

    /// Used by `take!` and its kin outside a go block, in helper functions for example.
    #[doc(hidden)]
    pub const fn free(
        op: Op,
        text: &'static str,
        file: &'static str,
        line: u32,
        column: u32,
    ) -> Self {
        Self {
            text,
            at: At::File(file),
            line,
            column,
            state: 0,
            op,
        }
    }

    /// What it waits for.
    pub fn op(&self) -> Op {
        self.op
    }

    /// The channel, as the source spells it.
    pub fn text(&self) -> &'static str {
        self.text
    }

    /// The source file.
    pub fn file(&self) -> &'static str {
        match self.at {
            At::Block(block) => block.file,
            At::File(file) => file,
        }
    }

    /// The line, from 1.
    pub fn line(&self) -> u32 {
        self.line
    }

    /// The column, from 1.
    pub fn column(&self) -> u32 {
        self.column
    }

    /// The number of the state in its block, if `go!` numbered it.
    pub fn state(&self) -> Option<u32> {
        self.block().map(|_| self.state)
    }

    /// The block it belongs to, if `go!` numbered it.
    pub fn block(&self) -> Option<&'static BlockSite> {
        match self.at {
            At::Block(block) => Some(block),
            At::File(_) => None,
        }
    }
}

impl PartialEq for ParkSite {
    fn eq(&self, other: &Self) -> bool {
        let key = |site: &Self| (site.file(), site.line, site.column, site.op);
        key(self) == key(other)
    }
}

impl Eq for ParkSite {}

impl fmt::Display for ParkSite {
    /// `src/main.rs:12:9  parked at take!(rx), state 2 of 5`
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "{}:{}:{}  parked at {}",
            self.file(),
            self.line,
            self.column,
            self.op
        )?;
        if self.op != Op::Alt {
            write!(f, "({})", self.text)?;
        }
        if let Some(block) = self.block() {
            write!(f, ", state {} of {}", self.state, block.sites.len())?;
        }
        Ok(())
    }
}

impl fmt::Debug for ParkSite {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "ParkSite({self})")
    }
}

/// Where an operation stands: a [`ParkSite`] that a macro laid down, or the caller of a method. One
/// word.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Place(pub(crate) *const ());

// SAFETY: it stands for a `&'static` to plain data.
unsafe impl Send for Place {}
// SAFETY: as above.
unsafe impl Sync for Place {}

const CALLER: usize = 1;
const CALLER_OP: usize = 2;

impl Place {
    pub(crate) const fn nowhere() -> Self {
        Self(std::ptr::null())
    }

    pub(crate) const fn site(site: &'static ParkSite) -> Self {
        Self(std::ptr::from_ref(site).cast())
    }

    /// The caller of a take or put method, or of one that waits for any future. (A location is aligned
    /// enough for the two tag bits.)
    #[inline]
    pub(crate) fn caller(op: Op, at: &'static Location<'static>) -> Self {
        let tag = match op {
            Op::Take => CALLER,
            Op::Put => CALLER | CALLER_OP,
            Op::Park | Op::Alt => CALLER_OP,
        };
        Self(std::ptr::from_ref(at).cast::<()>().map_addr(|a| a | tag))
    }

    pub(crate) fn park_site(self) -> Option<ParkSite> {
        let tag = self.0.addr() & (CALLER | CALLER_OP);
        let at = self.0.map_addr(|a| a & !(CALLER | CALLER_OP));
        if at.is_null() {
            return None;
        }
        if tag == 0 {
            // SAFETY: an untagged word comes from `site`: a reference to a static.
            return Some(*unsafe { &*at.cast::<ParkSite>() });
        }
        // SAFETY: a tagged word comes from `caller`: a reference to a static.
        let at = unsafe { &*at.cast::<Location<'static>>() };
        let op = match tag {
            CALLER => Op::Take,
            CALLER_OP => Op::Park,
            _ => Op::Put,
        };
        Some(ParkSite::free(op, "..", at.file(), at.line(), at.column()))
    }
}

/// A type that stands for one `go!` in the source; each expansion makes its own.
///
/// The site lives in the task's static table of functions this way, and costs a block no memory.
#[doc(hidden)]
pub trait GoSite: 'static {
    /// The block's site.
    const SITE: &'static BlockSite;
}

/// Where a running block comes from: known at compile time (`go!`) or by caller (`go(..)`).
#[doc(hidden)]
pub trait Origin: Send + Sync {
    /// The site of the block.
    fn site(&self) -> BlockSite;
}

/// The origin of a `go!` block: takes no room.
#[doc(hidden)]
#[derive(Debug)]
pub struct FromMacro<S>(std::marker::PhantomData<fn() -> S>);

impl<S> FromMacro<S> {
    /// Stands for the `go!` whose site type is `S`.
    #[expect(clippy::new_without_default, reason = "an internal type")]
    pub const fn new() -> Self {
        Self(std::marker::PhantomData)
    }
}

impl<S: GoSite> Origin for FromMacro<S> {
    fn site(&self) -> BlockSite {
        *S::SITE
    }
}

/// The origin of a block started by a function.
#[doc(hidden)]
#[derive(Debug, Clone, Copy)]
pub struct FromCaller(pub &'static Location<'static>);

impl Origin for FromCaller {
    fn site(&self) -> BlockSite {
        BlockSite::of_caller(self.0)
    }
}
