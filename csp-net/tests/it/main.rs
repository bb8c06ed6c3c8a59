//! Tests of csp-net, on loopback sockets.

mod codec;
mod http_bodies;
mod http_client;
mod http_malformed;
mod http_server;
mod tcp_close;
mod tcp_errors;
mod tcp_frames;
mod tcp_listen;
mod util;
