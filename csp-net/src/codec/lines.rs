//! [`Lines`]: lines of text.

use super::Codec;
use crate::FrameError;

/// Lines of UTF-8 text, without their ends.
///
/// ```text
/// bytes  "one\ntwo\r\n" "th" "ree\n" "tail" end
/// lines  "one" "two"        "three"        "tail"
/// ```
///
/// * A line ends with `\n` or `\r\n` when read, with `\n` when written.
/// * What stands after the last line end is a line too, if it is not empty: many programs do not end
///   their last line.
/// * A line of more than [`max`](Self::with_max) bytes, and one that is not UTF-8, breaks the connection.
/// * A string that has a line end in it would be read as two lines: putting it breaks the connection.
///
/// ```
/// use csp_net::{Codec, Lines};
/// let mut lines = Lines::with_max(80);
/// assert_eq!(lines.decode(b"hello\nwor", false), Ok(Some(("hello".to_owned(), 6))));
/// assert_eq!(lines.decode(b"wor", false), Ok(None));
/// assert_eq!(lines.decode(b"world", true), Ok(Some(("world".to_owned(), 5))));
/// ```
#[derive(Debug, Clone)]
pub struct Lines {
    max: usize,
    /// So many bytes have no line end in them: a line that comes byte by byte is looked at once.
    looked: usize,
}

impl Lines {
    /// Lines of at most 8 KiB.
    pub fn new() -> Self {
        Self::with_max(8 * 1024)
    }

    /// Lines of at most `max` bytes, their ends not counted.
    ///
    /// # Panics
    /// If `max` is 0.
    #[track_caller]
    pub fn with_max(max: usize) -> Self {
        assert!(
            max > 0,
            "lines of at most 0 bytes: give the longest that is allowed"
        );
        Self { max, looked: 0 }
    }

    fn text(&self, line: &[u8]) -> Result<String, FrameError> {
        let line = line.strip_suffix(b"\r").unwrap_or(line);
        if line.len() > self.max {
            return Err(self.too_long(Some(line.len())));
        }
        let text = std::str::from_utf8(line);
        let text =
            text.map_err(|error| FrameError::Invalid(format!("a line is no text: {error}")))?;
        Ok(text.to_owned())
    }

    fn too_long(&self, len: Option<usize>) -> FrameError {
        FrameError::TooLong {
            limit: self.max,
            len,
        }
    }
}

impl Default for Lines {
    fn default() -> Self {
        Self::new()
    }
}

impl Codec for Lines {
    type In = String;
    type Out = String;

    fn limit(&self) -> usize {
        self.max.saturating_add(2)
    }

    fn decode(&mut self, bytes: &[u8], end: bool) -> Result<Option<(String, usize)>, FrameError> {
        let looked = self.looked.min(bytes.len());
        if let Some(at) = bytes[looked..].iter().position(|&byte| byte == b'\n') {
            self.looked = 0;
            let at = looked + at;
            return Ok(Some((self.text(&bytes[..at])?, at + 1)));
        }
        self.looked = bytes.len();
        if end && !bytes.is_empty() {
            return Ok(Some((self.text(bytes)?, bytes.len())));
        }
        // One byte more may be there: the `\r` of a line end.
        if bytes.len() > self.max && (bytes.len() > self.max + 1 || !bytes.ends_with(b"\r")) {
            return Err(self.too_long(None));
        }
        Ok(None)
    }

    fn encode(&mut self, line: String, out: &mut Vec<u8>) -> Result<(), FrameError> {
        if line.len() > self.max {
            return Err(self.too_long(Some(line.len())));
        }
        if line.contains('\n') {
            let text = "a line has a line end in it: put each line by itself";
            return Err(FrameError::Invalid(text.to_owned()));
        }
        out.extend_from_slice(line.as_bytes());
        out.push(b'\n');
        Ok(())
    }
}
