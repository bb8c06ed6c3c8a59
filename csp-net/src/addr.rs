//! [`Address`]: where to listen, or whom to call.

use std::{
    fmt, io,
    net::{IpAddr, SocketAddr, ToSocketAddrs},
};

/// An IP address and a port, or a name and a port that is still to be looked up.
///
/// Made from what one has: `"127.0.0.1:80"`, `"example.org:80"`, a [`SocketAddr`], `("::1", 80)`.
///
/// ```
/// use csp_net::Address;
/// assert_eq!(Address::from("[::1]:80"), Address::from(("::1", 80)));
/// assert_eq!(Address::from(("example.org", 80)).to_string(), "example.org:80");
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Address {
    /// An IP address and a port.
    Socket(SocketAddr),
    /// A host's name and a port, with a colon between them.
    Name(String),
}

impl Address {
    /// What the name stands for. A name is looked up on a thread of the blocking pool, which parks the
    /// caller and no worker.
    pub(crate) async fn resolve(self) -> io::Result<Vec<SocketAddr>> {
        let name = match self {
            Self::Socket(addr) => return Ok(vec![addr]),
            Self::Name(name) => name,
        };
        let asked = name.clone();
        let found = csp_sched::thread(move || look_up(&asked)).await;
        found.unwrap_or_else(|failure| {
            let text = format!("the look-up of `{name}` did not end: {failure}");
            Err(io::Error::other(text))
        })
    }
}

fn look_up(name: &str) -> io::Result<Vec<SocketAddr>> {
    let named = |error: io::Error| naming(&error, format_args!("no address for `{name}`"));
    let found: Vec<_> = name.to_socket_addrs().map_err(named)?.collect();
    if found.is_empty() {
        let text = format!("no address for `{name}`");
        return Err(io::Error::new(io::ErrorKind::NotFound, text));
    }
    Ok(found)
}

/// The error, of the same kind, with what it is about in front.
pub(crate) fn naming(error: &io::Error, what: fmt::Arguments<'_>) -> io::Error {
    io::Error::new(error.kind(), format!("{what}: {error}"))
}

impl From<SocketAddr> for Address {
    fn from(addr: SocketAddr) -> Self {
        Self::Socket(addr)
    }
}

impl From<&str> for Address {
    fn from(text: &str) -> Self {
        match text.parse() {
            Ok(addr) => Self::Socket(addr),
            Err(_) => Self::Name(text.to_owned()),
        }
    }
}

impl From<String> for Address {
    fn from(text: String) -> Self {
        match text.parse() {
            Ok(addr) => Self::Socket(addr),
            Err(_) => Self::Name(text),
        }
    }
}

impl From<(IpAddr, u16)> for Address {
    fn from(addr: (IpAddr, u16)) -> Self {
        Self::Socket(addr.into())
    }
}

impl From<(&str, u16)> for Address {
    fn from((host, port): (&str, u16)) -> Self {
        match host.parse::<IpAddr>() {
            Ok(ip) => Self::Socket((ip, port).into()),
            Err(_) => Self::Name(format!("{host}:{port}")),
        }
    }
}

impl fmt::Display for Address {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Socket(addr) => addr.fmt(f),
            Self::Name(name) => f.write_str(name),
        }
    }
}
