//! [`Bytes`]: bytes as they come.

use super::Codec;
use crate::FrameError;

/// Bytes as they come, in pieces of any size up to `chunk`.
///
/// The pieces mean nothing: the peer's writes may be cut and joined on the way. What is put may have any
/// size, and is written as it is.
///
/// ```
/// use csp_net::{Bytes, Codec};
/// let mut pieces = Bytes::with_chunk(4);
/// assert_eq!(pieces.decode(b"hello", false), Ok(Some((b"hell".to_vec(), 4))));
/// assert_eq!(pieces.decode(b"o", false), Ok(Some((b"o".to_vec(), 1))));
/// ```
#[derive(Debug, Clone)]
pub struct Bytes {
    chunk: usize,
}

impl Bytes {
    /// Pieces of at most 8 KiB.
    pub fn new() -> Self {
        Self::with_chunk(8 * 1024)
    }

    /// Pieces of at most `chunk` bytes.
    ///
    /// # Panics
    /// If `chunk` is 0.
    #[track_caller]
    pub fn with_chunk(chunk: usize) -> Self {
        assert!(chunk > 0, "pieces of at most 0 bytes: give at least 1");
        Self { chunk }
    }
}

impl Default for Bytes {
    fn default() -> Self {
        Self::new()
    }
}

impl Codec for Bytes {
    type In = Vec<u8>;
    type Out = Vec<u8>;

    fn limit(&self) -> usize {
        self.chunk
    }

    fn decode(&mut self, bytes: &[u8], _end: bool) -> Result<Option<(Vec<u8>, usize)>, FrameError> {
        let piece = &bytes[..bytes.len().min(self.chunk)];
        Ok((!piece.is_empty()).then(|| (piece.to_vec(), piece.len())))
    }

    fn encode(&mut self, piece: Vec<u8>, out: &mut Vec<u8>) -> Result<(), FrameError> {
        out.extend_from_slice(&piece);
        Ok(())
    }
}
