//! [`Request`] and [`Response`].

use std::net::SocketAddr;

use super::{Body, Headers};

/// A request: what a handler gets, and what a client sends.
///
/// ```
/// use csp_net::http::Request;
/// let request = Request::new("PUT", "http://127.0.0.1:8080/posts/3?draft=1")
///     .with_header("Content-Type", "text/plain")
///     .with_body("a text");
/// assert_eq!(request.headers.get("content-type"), Some("text/plain"));
/// ```
#[derive(Debug)]
#[non_exhaustive]
pub struct Request {
    /// `GET`, `POST`, and so on.
    pub method: String,
    /// For a client the whole URL; what a handler gets starts with the path, mostly.
    pub target: String,
    /// The headers.
    pub headers: Headers,
    /// The body.
    pub body: Body,
    /// Who asks, for a handler.
    pub peer: Option<SocketAddr>,
}

impl Request {
    /// A request without headers and body.
    pub fn new(method: impl Into<String>, url: impl Into<String>) -> Self {
        Self {
            method: method.into(),
            target: url.into(),
            headers: Headers::new(),
            body: Body::empty(),
            peer: None,
        }
    }

    /// The target without the query.
    pub fn path(&self) -> &str {
        let end = self.target.find('?').unwrap_or(self.target.len());
        &self.target[..end]
    }

    /// What stands after the question mark, as it came.
    pub fn query(&self) -> Option<&str> {
        self.target.split_once('?').map(|(_, query)| query)
    }

    /// Sets a header.
    ///
    /// # Panics
    /// As [`Headers::add`].
    #[must_use]
    #[track_caller]
    pub fn with_header(mut self, name: &str, value: impl Into<String>) -> Self {
        self.headers.set(name, value);
        self
    }

    /// Sets the body.
    #[must_use]
    pub fn with_body(mut self, body: impl Into<Body>) -> Self {
        self.body = body.into();
        self
    }
}

/// A response: what a handler gives, and what a client gets.
///
/// ```
/// use csp_net::http::Response;
/// let response = Response::new(201).with_header("Location", "/posts/101");
/// assert_eq!((response.status, response.reason()), (201, "Created"));
/// assert!(response.is_ok());
/// ```
#[derive(Debug)]
#[non_exhaustive]
pub struct Response {
    /// 200, 404, and so on.
    pub status: u16,
    /// The headers. Those about the body's length are written by the server.
    pub headers: Headers,
    /// The body.
    pub body: Body,
}

impl Response {
    /// A response without headers and body.
    ///
    /// # Panics
    /// If the status is not in 200..=599: a handler's answer is the last one.
    #[track_caller]
    pub fn new(status: u16) -> Self {
        assert!(
            (200..=599).contains(&status),
            "{status} is no status of a response: use 200 to 599"
        );
        Self {
            status,
            headers: Headers::new(),
            body: Body::empty(),
        }
    }

    /// 200 with a text.
    pub fn text(text: impl Into<String>) -> Self {
        Self::new(200)
            .with_header("Content-Type", "text/plain; charset=utf-8")
            .with_body(text.into())
    }

    /// Sets a header.
    ///
    /// # Panics
    /// As [`Headers::add`].
    #[must_use]
    #[track_caller]
    pub fn with_header(mut self, name: &str, value: impl Into<String>) -> Self {
        self.headers.set(name, value);
        self
    }

    /// Sets the body.
    #[must_use]
    pub fn with_body(mut self, body: impl Into<Body>) -> Self {
        self.body = body.into();
        self
    }

    /// True for 200 to 299.
    pub fn is_ok(&self) -> bool {
        (200..=299).contains(&self.status)
    }

    /// The status in words; empty for those that are seldom seen.
    pub fn reason(&self) -> &'static str {
        match self.status {
            200 => "OK",
            201 => "Created",
            202 => "Accepted",
            204 => "No Content",
            206 => "Partial Content",
            301 => "Moved Permanently",
            302 => "Found",
            303 => "See Other",
            304 => "Not Modified",
            307 => "Temporary Redirect",
            308 => "Permanent Redirect",
            400 => "Bad Request",
            401 => "Unauthorized",
            403 => "Forbidden",
            404 => "Not Found",
            405 => "Method Not Allowed",
            408 => "Request Timeout",
            409 => "Conflict",
            413 => "Content Too Large",
            418 => "I'm a teapot",
            422 => "Unprocessable Content",
            429 => "Too Many Requests",
            431 => "Request Header Fields Too Large",
            500 => "Internal Server Error",
            501 => "Not Implemented",
            502 => "Bad Gateway",
            503 => "Service Unavailable",
            504 => "Gateway Timeout",
            _ => "",
        }
    }

    /// True if such a response never has a body.
    pub(crate) fn is_bodiless(status: u16) -> bool {
        status < 200 || status == 204 || status == 304
    }
}
