//! A small HTTP/1.1 server and client, whose bodies are channels.
//!
//! It is meant for examples, tests and services inside a machine: HTTP/1.0 and 1.1, `http://` only, no
//! TLS, no HTTP/2, no redirects, no cookies, no compression. What it does, it does with limits on
//! everything a peer may send.
//!
//! ```
//! use csp::prelude::*;
//! use csp_net::http::{self, Request, Response};
//!
//! let server = http::serve("127.0.0.1:0", |request: Request| async move {
//!     match (&*request.method, request.path()) {
//!         ("GET", "/hello") => Response::text("hello"),
//!         ("POST", "/shout") => match request.body.text(1000).await {
//!             Ok(text) => Response::text(text.to_uppercase()),
//!             Err(error) => Response::new(400).with_body(error.to_string()),
//!         },
//!         _ => Response::new(404),
//!     }
//! })?;
//!
//! let url = server.url();
//! let answers = go!({
//!     let hello = http::get(format!("{url}/hello")).await?;
//!     let loud = http::post(format!("{url}/shout"), "quiet").await?;
//!     Ok::<_, http::HttpError>((hello.body.text(100).await?, loud.body.text(100).await?))
//! });
//! assert_eq!(answers.wait().unwrap()?, ("hello".to_owned(), "QUIET".to_owned()));
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! A body is a `Receiver` of pieces, so streaming one is passing a channel on. A proxy hands the body it
//! reads to the request that it makes, and the answer's body back; back pressure goes all the way.
//!
//! ```
//! # use csp::prelude::*;
//! use csp_net::http::{self, Request, Response};
//! # let origin = http::serve("127.0.0.1:0", |request: Request| async move {
//! #     Response::new(200).with_body(request.body)
//! # })?;
//! # let origin_url = origin.url();
//! let proxy = http::serve("127.0.0.1:0", move |request: Request| {
//!     let url = format!("{origin_url}{}", request.target);
//!     async move {
//!         match http::send(Request::new(&request.method, url).with_body(request.body)).await {
//!             Ok(answer) => Response::new(answer.status).with_body(answer.body),
//!             Err(error) => Response::new(502).with_body(error.to_string()),
//!         }
//!     }
//! })?;
//! # let answer = csp::block_on(async {
//! #     http::post(proxy.url(), "through").await?.body.text(100).await
//! # })?;
//! # assert_eq!(answer, "through");
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

mod answer;
mod body;
mod client;
mod error;
mod exchange;
mod head;
mod headers;
mod inbound;
mod limits;
mod message;
mod outbound;
mod server;
mod url;

pub use body::Body;
pub use client::{Client, get, post, send};
pub use error::HttpError;
pub use headers::Headers;
pub use limits::Limits;
pub use message::{Request, Response};
pub use server::{Incident, Server, serve, serve_on};
