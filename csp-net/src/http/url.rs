//! The parts of an `http://` URL.

#[cfg(test)]
mod tests;

use super::HttpError;

#[derive(Debug, PartialEq, Eq)]
pub(super) struct Url<'a> {
    /// As the `Host` header wants it.
    pub(super) authority: &'a str,
    /// Host and port, for connecting.
    pub(super) addr: String,
    /// Path and query.
    pub(super) target: String,
}

pub(super) fn parse(url: &str) -> Result<Url<'_>, HttpError> {
    let wrong = |why: &str| HttpError::Url(format!("the URL {url:?} {why}"));
    let scheme = url.get(..7).unwrap_or_default();
    if !scheme.eq_ignore_ascii_case("http://") {
        return Err(wrong(
            "does not start with http://, the only scheme that is known here",
        ));
    }
    if url.bytes().any(|byte| !byte.is_ascii_graphic()) {
        return Err(wrong("has characters in it that must be percent-encoded"));
    }
    let rest = &url[7..];
    let rest = rest.split_once('#').map_or(rest, |(before, _)| before);
    let end = rest.find(['/', '?']).unwrap_or(rest.len());
    let (authority, target) = rest.split_at(end);
    if authority.contains('@') {
        return Err(wrong("has a user in it, which is not supported"));
    }
    let (host, port) = match authority.rsplit_once(':') {
        // The colons of an IPv6 address are in brackets.
        Some((host, port)) if !port.contains(']') => (host, port),
        _ => (authority, "80"),
    };
    if host.is_empty() || port.parse::<u16>().is_err() {
        return Err(wrong("has no host, or no good port"));
    }
    let slash = if target.starts_with('/') { "" } else { "/" };
    Ok(Url {
        authority,
        addr: format!("{host}:{port}"),
        target: format!("{slash}{target}"),
    })
}
