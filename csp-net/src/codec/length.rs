//! [`LengthPrefixed`]: frames with their length in front.

use super::Codec;
use crate::FrameError;

/// Frames of bytes, each with its length in front: four bytes, the highest first.
///
/// ```text
/// bytes   0 0 0 2 'h' 'i'   0 0 0 0   0 0 0 1 'x'
/// frames  "hi"              ""        "x"
/// ```
///
/// * A frame may be empty.
/// * One of more than `max` bytes breaks the connection as soon as its length is read: nothing is kept
///   for it.
/// * So does an end in the middle of a frame.
///
/// ```
/// use csp_net::{Codec, LengthPrefixed};
/// let mut frames = LengthPrefixed::with_max(1024);
/// let mut bytes = Vec::new();
/// frames.encode(b"hi".to_vec(), &mut bytes).unwrap();
/// assert_eq!(bytes, [0, 0, 0, 2, b'h', b'i']);
/// assert_eq!(frames.decode(&bytes, false), Ok(Some((b"hi".to_vec(), 6))));
/// ```
#[derive(Debug, Clone)]
pub struct LengthPrefixed {
    max: usize,
}

/// The bytes of the length.
const HEAD: usize = 4;

impl LengthPrefixed {
    /// Frames of at most `max` bytes, their lengths' four not counted.
    ///
    /// # Panics
    /// If `max` does not fit into four bytes.
    #[track_caller]
    pub fn with_max(max: usize) -> Self {
        assert!(
            u32::try_from(max).is_ok(),
            "frames of at most {max} bytes: a length has four bytes, so give at most {}",
            u32::MAX
        );
        Self { max }
    }

    fn check(&self, len: usize) -> Result<(), FrameError> {
        if len <= self.max {
            return Ok(());
        }
        Err(FrameError::TooLong {
            limit: self.max,
            len: Some(len),
        })
    }
}

impl Codec for LengthPrefixed {
    type In = Vec<u8>;
    type Out = Vec<u8>;

    fn limit(&self) -> usize {
        self.max.saturating_add(HEAD)
    }

    fn decode(&mut self, bytes: &[u8], _end: bool) -> Result<Option<(Vec<u8>, usize)>, FrameError> {
        let Some((head, rest)) = bytes.split_first_chunk::<HEAD>() else {
            return Ok(None);
        };
        let len = usize::try_from(u32::from_be_bytes(*head)).unwrap_or(usize::MAX);
        self.check(len)?;
        Ok(rest.get(..len).map(|frame| (frame.to_vec(), HEAD + len)))
    }

    fn encode(&mut self, frame: Vec<u8>, out: &mut Vec<u8>) -> Result<(), FrameError> {
        self.check(frame.len())?;
        let len = u32::try_from(frame.len()).expect("the limit fits");
        out.extend_from_slice(&len.to_be_bytes());
        out.extend_from_slice(&frame);
        Ok(())
    }
}
