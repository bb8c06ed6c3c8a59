//! The heads of messages, and what they say of the body.

use super::{
    Headers, HttpError, Response,
    inbound::{Chunk, Framing},
};

/// A parsed head. A request has no status, a response neither method nor target.
pub(super) struct Head {
    pub(super) method: String,
    pub(super) target: String,
    pub(super) status: u16,
    /// The `1` of HTTP/1.1.
    pub(super) minor: u8,
    pub(super) headers: Headers,
}

/// Parses a head: which, and how many bytes it has; `None` if it is not whole.
pub(super) type Parse = fn(&[u8], usize) -> Result<Option<(Head, usize)>, HttpError>;

pub(super) fn parse_request(bytes: &[u8], most: usize) -> Result<Option<(Head, usize)>, HttpError> {
    let mut headers = vec![httparse::EMPTY_HEADER; most];
    let mut request = httparse::Request::new(&mut headers);
    let Some(used) = parsed(request.parse(bytes), most)? else {
        return Ok(None);
    };
    let head = Head {
        method: request.method.unwrap_or_default().to_owned(),
        target: request.path.unwrap_or_default().to_owned(),
        status: 0,
        minor: request.version.unwrap_or_default(),
        headers: own(request.headers)?,
    };
    if head.minor == 1 && head.headers.all("host").count() != 1 {
        let what = "HTTP/1.1 without exactly one Host header";
        return Err(HttpError::Malformed(what.to_owned()));
    }
    Ok(Some((head, used)))
}

pub(super) fn parse_response(
    bytes: &[u8],
    most: usize,
) -> Result<Option<(Head, usize)>, HttpError> {
    let mut headers = vec![httparse::EMPTY_HEADER; most];
    let mut response = httparse::Response::new(&mut headers);
    let Some(used) = parsed(response.parse(bytes), most)? else {
        return Ok(None);
    };
    let head = Head {
        method: String::new(),
        target: String::new(),
        status: response.code.unwrap_or_default(),
        minor: response.version.unwrap_or_default(),
        headers: own(response.headers)?,
    };
    Ok(Some((head, used)))
}

fn parsed(result: httparse::Result<usize>, most: usize) -> Result<Option<usize>, HttpError> {
    match result {
        Ok(httparse::Status::Complete(used)) => Ok(Some(used)),
        Ok(httparse::Status::Partial) => Ok(None),
        Err(httparse::Error::TooManyHeaders) => Err(HttpError::TooLarge {
            what: "the number of headers",
            limit: most,
        }),
        Err(error) => Err(HttpError::Malformed(error.to_string())),
    }
}

fn own(parsed: &[httparse::Header<'_>]) -> Result<Headers, HttpError> {
    let mut headers = Headers::new();
    for header in parsed {
        let value = std::str::from_utf8(header.value).map_err(|_| {
            HttpError::Malformed(format!("the header {} is not UTF-8", header.name))
        })?;
        headers.push_parsed(header.name, value);
    }
    Ok(headers)
}

/// How a request's body ends.
pub(super) fn request_framing(head: &Head) -> Result<Framing, HttpError> {
    Ok(announced(head)?.unwrap_or(Framing::Length(0)))
}

/// How the body of a response to `method` ends.
pub(super) fn response_framing(head: &Head, method: &str) -> Result<Framing, HttpError> {
    if method == "HEAD" || Response::is_bodiless(head.status) {
        return Ok(Framing::Length(0));
    }
    Ok(announced(head)?.unwrap_or(Framing::UntilEnd))
}

/// What the headers say. Whatever two readers could read differently is refused: that is how requests
/// are smuggled past proxies.
fn announced(head: &Head) -> Result<Option<Framing>, HttpError> {
    let malformed = |what: String| Err(HttpError::Malformed(what));
    let encodings: Vec<&str> = head.headers.all("transfer-encoding").collect();
    let lengths: Vec<&str> = head.headers.all("content-length").collect();
    match (&encodings[..], &lengths[..]) {
        ([], []) => Ok(None),
        ([], [length, others @ ..]) => {
            let digits = !length.is_empty() && length.bytes().all(|byte| byte.is_ascii_digit());
            match length.parse() {
                Ok(length) if digits && others.is_empty() => Ok(Some(Framing::Length(length))),
                _ => malformed(format!("Content-Length: {}", lengths.join(", "))),
            }
        }
        (_, [_, ..]) => malformed("both Transfer-Encoding and Content-Length".to_owned()),
        (_, []) if head.minor == 0 => malformed("Transfer-Encoding in HTTP/1.0".to_owned()),
        ([one], []) if one.eq_ignore_ascii_case("chunked") => {
            Ok(Some(Framing::Chunked(Chunk::Size)))
        }
        (_, []) => Err(HttpError::Unsupported(format!(
            "Transfer-Encoding: {}",
            encodings.join(", ")
        ))),
    }
}

/// True if the peer keeps the connection after this message.
pub(super) fn keeps_alive(head: &Head) -> bool {
    if head.minor == 0 {
        head.headers.has_word("connection", "keep-alive")
    } else {
        !head.headers.has_word("connection", "close")
    }
}
