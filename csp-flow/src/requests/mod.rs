//! Requests and answers over a pair of channels: clients that reconnect, servers, pipelined or one at a
//! time.
//!
//! A [`Conversation`] is a channel for requests and a channel for answers; where they lead does not matter.
//! Over TCP it is the two channels of a connection's frames, in a test two channels in memory. A
//! [`Client`] makes its conversation, makes it again when it is lost, and gives each answer, as a
//! [`Promise`](crate::Promise), to the call it belongs to. [`serve`] is the other side.
//!
//! ```
//! use csp::{Local, prelude::*, requests::{client, serve}};
//!
//! let local = Local::virtual_time();
//! let greeting = local.run_until(async {
//!     let mut attempts = 0;
//!     let client = client(move || {
//!         attempts += 1;
//!         let n = attempts;
//!         async move {
//!             if n < 3 {
//!                 return Err("nobody listens");
//!             }
//!             let (requests, to_serve) = chan(8);
//!             let (to, answers) = chan(8);
//!             let greet = |name: &'static str| async move { Ok::<_, csp::Error>(format!("hello, {name}")) };
//!             serve(to_serve, to, greet).start();
//!             Ok((requests, answers))
//!         }
//!     });
//!     client.timeout(secs(1)).start().call("world").await
//! });
//! assert_eq!(greeting.unwrap(), "hello, world");
//! ```
//!
//! # A client's life
//!
//! ```text
//!             a call, or it has              ✓
//!  idle ──────── a heartbeat ──▸ connecting ────▸ connected ──▸ puts requests, takes answers
//!   │                             ▲    │ ✗            │
//!   │                             │    ▼              │ lost: the peer ends, a heartbeat fails,
//!   │                            pausing ◂────────────╯       an unasked answer, reset
//!   │                      0, 4ms, 8ms … 4s
//!   │                             │                   │
//!   ╰──── close, or nobody ───────┴──── is left ──────┴──▸ ended
//! ```
//!
//! | | not connected | connected |
//! |---|---|---|
//! | a call | waits | is sent, when fewer than [`pipelined`](Setup::pipelined) are under way |
//! | its time is over, or it is cancelled | it is not sent | the same; if it was sent, its answer is dropped when it comes |
//! | the conversation is lost | | what was sent fails with [`Why::Lost`], or [is repeated](Setup::repeat_lost); what was not waits on |
//! | [`close`](Client::close) | what waits comes back | the same; what was sent is waited for |
//! | the last handle goes | it goes on until all calls are settled | the same |
//!
//! # What holds
//! * **An answer goes to its own call, or to nobody.** Answers are told apart by their order, so the peer
//!   has to answer each request, in order. (One that leaves a request out shifts all that follow: use a
//!   heartbeat to find out, or give requests numbers of your own.)
//! * **A request is sent at most once**, unless the client is told to repeat what was lost. An error says
//!   whether it [was sent](CallError::was_sent), and gives back what was not.
//! * **Nothing waits for ever on a conversation that ended:** each call is settled, one way or the other.
//! * Time is that of the executor: with [virtual time](csp_sched::Local::virtual_time) an hour of pauses and
//!   heartbeats is a test of microseconds.
//!
//! # Where the names come from
//!
//! | Lamina | here |
//! |---|---|
//! | `client` | [`client`]`(connect).start()` |
//! | `pipelined-client` | [`client`]`(connect).pipelined(n).start()`: with a bound |
//! | calling it with a request (and a timeout) | [`Client::call`], [`Client::call_within`] |
//! | `persistent-connection` | [`persistent`] |
//! | `close-connection`, `reset-connection` | [`Client::close`], [`Client::reset`] |
//! | `:retry?` | [`Setup::repeat_lost`] |
//! | `:heartbeat {:request :interval :timeout :response-validator}` | [`Heartbeat::new`], [`every`](Heartbeat::every), [`within`](Heartbeat::within), [`expected`](Heartbeat::expected) |
//! | `:on-failure`, `:on-connected`, `:name` and `:probes` | [`Setup::events`] |
//! | `:lamina/drained!`, `:lamina/deactivated!` as errors | [`Why::Lost`], [`Why::Closed`] |
//! | `server` | [`serve`]`(requests, answers, handler).start()` |
//! | `pipelined-server` | [`serve`]`(…).pipelined(n).start()` |
//! | `:error-response`, `:timeout` | [`Server::on_failure`], [`Server::limit`] |
//! | `:result-channel-generator` | none: a handler is an async function |
//! | `:executor` | the executor that is current where it is started |
//!
//! Unlike Lamina's, a conversation that gave no answer counts as a failed attempt, so that a peer that
//! accepts and hangs up is not called in a tight loop; and a heartbeat fails only if *nothing* comes, so that
//! one slow request among many does not break it.

mod block;
mod client;
mod desk;
mod error;
mod event;
mod ledger;
mod persistent;
mod pulse;
mod room;
mod serve;
mod setup;
mod talk;
mod unserved;

pub use self::{
    client::Client,
    error::{CallError, GivenUp, Why},
    event::ClientEvent,
    persistent::{Conversation, Persistent, persistent},
    serve::{Server, serve},
    setup::{Heartbeat, Setup, client},
    unserved::{Unserved, WhyUnserved},
};
