//! [`ReadBuf`]: what was read and is not used yet.

/// How much is read at once.
const CHUNK: usize = 8 * 1024;
/// An empty buffer that is larger gives its memory back.
const KEEP: usize = 64 * 1024;

/// Bytes that come in at the end and go out at the front. `start <= end <= data.len()`.
#[derive(Debug, Default)]
pub(crate) struct ReadBuf {
    data: Vec<u8>,
    start: usize,
    end: usize,
}

impl ReadBuf {
    pub(crate) fn bytes(&self) -> &[u8] {
        &self.data[self.start..self.end]
    }

    pub(crate) fn len(&self) -> usize {
        self.end - self.start
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.start == self.end
    }

    /// Forgets `n` bytes at the front.
    ///
    /// # Panics
    /// If there are fewer.
    pub(crate) fn consume(&mut self, n: usize) {
        assert!(
            n <= self.len(),
            "{n} bytes were used of {} that are there",
            self.len()
        );
        self.start += n;
        if self.is_empty() {
            (self.start, self.end) = (0, 0);
            if self.data.len() > KEEP {
                self.data = Vec::new();
            }
        }
    }

    /// Takes at most `limit` bytes from the front.
    pub(crate) fn take(&mut self, limit: usize) -> Vec<u8> {
        let n = limit.min(self.len());
        let taken = self.bytes()[..n].to_vec();
        self.consume(n);
        taken
    }

    /// Room for the next bytes, never empty; tell with [`filled`](Self::filled) how many there are.
    pub(crate) fn room(&mut self) -> &mut [u8] {
        if self.data.len() - self.end < CHUNK / 2 {
            self.data.copy_within(self.start..self.end, 0);
            (self.start, self.end) = (0, self.len());
            let wanted = self.end + CHUNK;
            if self.data.len() < wanted {
                self.data.resize(wanted, 0);
            }
        }
        &mut self.data[self.end..]
    }

    /// The next `n` bytes of the room were written.
    pub(crate) fn filled(&mut self, n: usize) {
        self.end += n;
    }
}
