//! [`Headers`].

/// The headers of a message, in order. Names are the same whatever their case.
///
/// ```
/// use csp_net::http::Headers;
/// let mut headers = Headers::new();
/// headers.set("Accept", "text/plain");
/// headers.add("Cookie", "sessionId=7");
/// assert_eq!(headers.get("accept"), Some("text/plain"));
/// assert_eq!(headers.iter().count(), 2);
/// ```
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Headers {
    all: Vec<(String, String)>,
}

impl Headers {
    /// No headers.
    pub fn new() -> Self {
        Self::default()
    }

    /// The value of the first header of this name.
    pub fn get(&self, name: &str) -> Option<&str> {
        self.all(name).next()
    }

    /// The values of all headers of this name.
    pub fn all(&self, name: &str) -> impl Iterator<Item = &str> {
        self.iter()
            .filter(move |(has, _)| has.eq_ignore_ascii_case(name))
            .map(|(_, value)| value)
    }

    /// Names and values.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &str)> {
        self.all.iter().map(|(name, value)| (&**name, &**value))
    }

    /// Gives the header this value, and no other.
    ///
    /// # Panics
    /// As [`add`](Self::add).
    #[track_caller]
    pub fn set(&mut self, name: &str, value: impl Into<String>) {
        self.remove(name);
        self.add(name, value);
    }

    /// One more header.
    ///
    /// # Panics
    /// If the name is no token, or the value has a line end or another control character in it: it would
    /// be read as something else. Check what comes from users.
    #[track_caller]
    pub fn add(&mut self, name: &str, value: impl Into<String>) {
        let value = value.into();
        let is_token =
            |byte: u8| byte.is_ascii_alphanumeric() || b"!#$%&'*+-.^_`|~".contains(&byte);
        assert!(
            !name.is_empty() && name.bytes().all(is_token),
            "{name:?} is no name of a header: use letters, digits and hyphens"
        );
        assert!(
            !value
                .bytes()
                .any(|byte| byte.is_ascii_control() && byte != b'\t'),
            "the value {value:?} of the header {name} has a control character in it"
        );
        self.all.push((name.to_owned(), value));
    }

    /// Takes the headers of this name away. True if there were any.
    pub fn remove(&mut self, name: &str) -> bool {
        let before = self.all.len();
        self.all.retain(|(has, _)| !has.eq_ignore_ascii_case(name));
        self.all.len() < before
    }

    /// True if a list such as `Connection: keep-alive, close` has this word in it.
    pub(crate) fn has_word(&self, name: &str, word: &str) -> bool {
        self.all(name)
            .flat_map(|value| value.split(','))
            .any(|has| has.trim().eq_ignore_ascii_case(word))
    }

    /// A header as it was parsed.
    pub(crate) fn push_parsed(&mut self, name: &str, value: &str) {
        self.all.push((name.to_owned(), value.to_owned()));
    }
}
