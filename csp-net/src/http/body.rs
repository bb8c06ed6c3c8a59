//! [`Body`]: a channel of pieces.

use csp_core::{Receiver, chan};

use super::HttpError;

/// A message's body: a channel of its pieces, whose sizes mean nothing.
///
/// ```text
/// chunks  [4096 bytes] [4096 bytes] [17 bytes] None
/// ```
///
/// * **Made** from bytes or text, or from any receiver ([`stream`](Self::stream)).
/// * **End**: the channel closes after the last piece. One that *fails* was cut short, also if it seems
///   whole: use [`chunk`](Self::chunk), [`collect`](Self::collect) or [`text`](Self::text), which tell, or
///   ask [`failure`](Receiver::failure) after the last `take!`. The cause is an [`HttpError`].
/// * **To let one's own stream fail**, call [`fail`](csp_core::Sender::fail) on its sender: the
///   connection is cut, so that the peer sees it too. A sender that is merely dropped ends the body well.
/// * **Back pressure**: nothing is read from the peer while nobody takes.
/// * **Dropping** it tells that the rest is not wanted.
#[derive(Debug)]
pub struct Body {
    /// The pieces.
    pub chunks: Receiver<Vec<u8>>,
    len: Option<u64>,
}

impl Body {
    /// No bytes.
    pub fn empty() -> Self {
        Self::from(Vec::new())
    }

    /// A body of unknown length, which ends when the channel closes.
    ///
    /// ```
    /// use csp::prelude::*;
    /// use csp_net::http::Body;
    /// let (tx, rx) = chan(0);
    /// go!({
    ///     for n in 1..=3 {
    ///         put!(tx, format!("{n};").into_bytes()).ok();
    ///     }
    /// });
    /// let text = csp::block_on(Body::stream(rx).text(100));
    /// assert_eq!(text.unwrap(), "1;2;3;");
    /// ```
    pub fn stream(chunks: Receiver<Vec<u8>>) -> Self {
        Self { chunks, len: None }
    }

    /// A body of `len` bytes, which is announced; the channel has to give just as many.
    pub fn sized(chunks: Receiver<Vec<u8>>, len: u64) -> Self {
        Self {
            chunks,
            len: Some(len),
        }
    }

    /// How many bytes it has in all, if that is known.
    pub fn len(&self) -> Option<u64> {
        self.len
    }

    /// True if it is known to have no bytes.
    pub fn is_empty(&self) -> bool {
        self.len == Some(0)
    }

    /// The next piece; `None` after the last.
    ///
    /// # Errors
    /// If the body was cut short: as the failure of the channel says.
    pub async fn chunk(&self) -> Result<Option<Vec<u8>>, HttpError> {
        if let Some(chunk) = self.chunks.take().await {
            return Ok(Some(chunk));
        }
        match self.chunks.failure() {
            None => Ok(None),
            Some(cause) => Err(match cause.downcast_ref::<HttpError>() {
                Some(error) => error.clone(),
                None => HttpError::Body(cause),
            }),
        }
    }

    /// All of it, if that is at most `limit` bytes.
    ///
    /// # Errors
    /// [`TooLarge`](HttpError::TooLarge), as soon as that is known; as for [`chunk`](Self::chunk).
    pub async fn collect(self, limit: usize) -> Result<Vec<u8>, HttpError> {
        let too_large = HttpError::TooLarge {
            what: "the body",
            limit,
        };
        if self.len.is_some_and(|len| len > limit as u64) {
            return Err(too_large);
        }
        let mut all = Vec::new();
        while let Some(chunk) = self.chunk().await? {
            if all.len() + chunk.len() > limit {
                return Err(too_large);
            }
            // The first piece is often the only one.
            if all.is_empty() {
                all = chunk;
            } else {
                all.extend_from_slice(&chunk);
            }
        }
        Ok(all)
    }

    /// All of it as text, if that is at most `limit` bytes.
    ///
    /// # Errors
    /// As for [`collect`](Self::collect), and [`NotText`](HttpError::NotText).
    pub async fn text(self, limit: usize) -> Result<String, HttpError> {
        let bytes = self.collect(limit).await?;
        String::from_utf8(bytes).map_err(|_| HttpError::NotText)
    }
}

impl Default for Body {
    fn default() -> Self {
        Self::empty()
    }
}

impl From<Vec<u8>> for Body {
    fn from(bytes: Vec<u8>) -> Self {
        let (tx, chunks) = chan(1);
        let len = bytes.len() as u64;
        if !bytes.is_empty() {
            tx.try_put(bytes).ok();
        }
        Self::sized(chunks, len)
    }
}

impl From<String> for Body {
    fn from(text: String) -> Self {
        Self::from(text.into_bytes())
    }
}

impl From<&str> for Body {
    fn from(text: &str) -> Self {
        Self::from(text.as_bytes().to_vec())
    }
}

impl From<&[u8]> for Body {
    fn from(bytes: &[u8]) -> Self {
        Self::from(bytes.to_vec())
    }
}
