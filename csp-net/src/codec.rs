//! What a frame is: [`Codec`], and the codecs that most protocols need.

mod bytes;
mod length;
mod lines;

pub use bytes::Bytes;
pub use length::LengthPrefixed;
pub use lines::Lines;

use crate::FrameError;

/// Turns the bytes of a connection into frames, and frames into bytes.
///
/// A connection clones it: one copy decodes and the other encodes, so each may keep a state of its own
/// direction. A codec of one's own bounds memory by [`limit`](Self::limit), and nothing else is asked of
/// it: bytes may come one at a time, or many frames at once.
///
/// ```
/// use csp_net::{Codec, FrameError};
///
/// /// Pairs of bytes, as numbers.
/// #[derive(Clone)]
/// struct Pairs;
///
/// impl Codec for Pairs {
///     type In = u16;
///     type Out = u16;
///
///     fn limit(&self) -> usize {
///         2
///     }
///
///     fn decode(&mut self, bytes: &[u8], _end: bool) -> Result<Option<(u16, usize)>, FrameError> {
///         Ok(bytes.first_chunk().map(|pair| (u16::from_be_bytes(*pair), 2)))
///     }
///
///     fn encode(&mut self, number: u16, out: &mut Vec<u8>) -> Result<(), FrameError> {
///         out.extend(number.to_be_bytes());
///         Ok(())
///     }
/// }
///
/// let mut bytes = Vec::new();
/// Pairs.encode(258, &mut bytes).unwrap();
/// assert_eq!(Pairs.decode(&bytes, false), Ok(Some((258, 2))));
/// assert_eq!(Pairs.decode(&bytes[..1], false), Ok(None)); // more is needed
/// ```
///
/// A codec that panics breaks the connection ([`Reason::Abandoned`](crate::Reason::Abandoned)), and
/// harms nobody else.
pub trait Codec: Clone + Send + 'static {
    /// What is taken from the connection.
    type In: Send + 'static;
    /// What is put into it.
    type Out: Send + 'static;

    /// How many bytes, at most, one frame has, with all that is around it. If so many are there and
    /// [`decode`](Self::decode) finds no frame in them, the connection breaks: memory stays bounded also
    /// when a codec or a peer does not keep to the limit.
    fn limit(&self) -> usize;

    /// The frame at the start of `bytes`, and how many bytes it used; `None` if it is not whole yet.
    ///
    /// Called with the same bytes again, and more of them, until it gives a frame. After the peer has
    /// ended, `end` is true and no more will come: what is left may be a last frame. If it gives `None`
    /// then and bytes are left, the connection breaks with [`FrameError::Truncated`].
    ///
    /// # Errors
    /// [`FrameError`], if these bytes can never be a frame. The connection breaks.
    fn decode(&mut self, bytes: &[u8], end: bool) -> Result<Option<(Self::In, usize)>, FrameError>;

    /// Appends the frame's bytes to `out`.
    ///
    /// # Errors
    /// [`FrameError`], if it cannot be written: nothing was appended then. The connection breaks, since
    /// whoever put the frame has gone on.
    fn encode(&mut self, frame: Self::Out, out: &mut Vec<u8>) -> Result<(), FrameError>;
}
