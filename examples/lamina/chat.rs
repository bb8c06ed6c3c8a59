//! AX-12: a chat server, from the wiki of Lamina.
//!
//! A client's first line is its name, the second the room it wants to join, in at most two seconds.
//! From then on its lines go to the room and the room's lines to it: Lamina's two `siphon`s are a pipe in
//! each direction, its named channels the topics of a publication.
//!
//! ```text
//! client ──lines──▸ "name: line" ──▸ hub ──▸ rooms, by topic ──▸ every client of the room
//! ```
//! `cargo run --example ax_12_chat`

use std::{
    error::Error,
    io::{self, Write},
    net::SocketAddr,
    time::Duration,
};

use csp::{AtEnd, Publication, Runtime, ops, prelude::*, within};
use csp_net::{
    Duplex, Lines,
    tcp::{self, Listener},
};

#[derive(Clone)]
struct Said {
    room: String,
    text: String,
}

/// Where all that is said goes, and where it is heard.
#[derive(Clone)]
struct Rooms {
    hub: Sender<Said>,
    by_name: Publication<String, Said>,
}

impl Rooms {
    fn new() -> Self {
        let (hub, source) = chan(0);
        // Each room has a buffer of its own: one that lags does not hold up the others.
        let by_name = csp::publish(source, |said: &Said| said.room.clone(), |_| 8);
        Self { hub, by_name }
    }
}

/// Serves one client until it leaves. Dropping `client` closes its connection.
async fn chat(client: Duplex<String>, rooms: Rooms, limit: Duration) {
    let Ok(Some((name, room))) = within(limit, handshake(&client)).await else {
        return; // too slow, or it went away
    };
    // The room's lines: what is put into this channel is a text when it is taken.
    let (subscriber, heard) = chan_with(8, xf::map(|said: Said| said.text));
    rooms.by_name.sub(room.clone(), subscriber);
    if put!(client.tx, format!("welcome to {room}, {name}")).is_err() {
        return;
    }
    let from_room = ops::pipe(heard.clone(), client.tx);

    let say = xf::map(move |line: String| Said {
        room: room.clone(),
        text: format!("{name}: {line}"),
    });
    let said = ops::apply(client.rx, say, 0);
    let to_room = ops::pipe_with(said, rooms.hub, AtEnd::KeepOpen);

    alt! {
        _ = park!(to_room) => {}
        _ = park!(from_room) => {}
    }
    heard.close(); // the room does not wait for who has left
}

async fn handshake(client: &Duplex<String>) -> Option<(String, String)> {
    Some((take!(client.rx)?, take!(client.rx)?))
}

fn serve(limit: Duration) -> io::Result<Listener> {
    let listener = tcp::listen("127.0.0.1:0")?;
    let (connections, rooms) = (listener.connections.clone(), Rooms::new());
    go!({
        while let Some(connection) = take!(connections) {
            go(chat(connection.frames(Lines::new()), rooms.clone(), limit));
        }
    });
    Ok(listener)
}

/// A client that has said these lines.
async fn client(server: SocketAddr, lines: &[&str]) -> io::Result<Duplex<String>> {
    let client = tcp::connect(server).await?.frames(Lines::new());
    for line in lines {
        put!(client.tx, (*line).to_owned()).ok();
    }
    Ok(client)
}

/// The clients of the story; gives what each of them got.
async fn story(limit: Duration) -> io::Result<Vec<String>> {
    let server = serve(limit)?;
    let addr = server.local_addr();
    let mut got = Vec::new();
    let mut note = |who: &str, line: Option<String>| {
        got.push(format!("{who}: {}", line.as_deref().unwrap_or("(closed)")));
    };

    let alice = client(addr, &["alice", "lobby"]).await?;
    note("A", take!(alice.rx));
    let bob = client(addr, &["bob", "lobby"]).await?;
    note("B", take!(bob.rx));
    let erin = client(addr, &["erin", "library"]).await?;
    note("E", take!(erin.rx));

    put!(alice.tx, "hi".to_owned()).ok();
    note("A", take!(alice.rx));
    note("B", take!(bob.rx));
    // Had the library heard of it, then before this.
    put!(erin.tx, "silence, please".to_owned()).ok();
    note("E", take!(erin.rx));

    let silent = client(addr, &[]).await?;
    note("C", take!(silent.rx));
    drop(client(addr, &["dave"]).await?);

    // The server goes on, and what served them ends.
    drop((alice, bob, erin, silent));
    let patience = timeout(secs(10));
    while server.open() > 0 && !patience.is_over() {
        yield_now().await;
    }
    got.push(format!("connections left: {}", server.open()));
    server.shutdown(secs(10)).await;
    Ok(got)
}

/// The program, with a time limit for the handshake.
pub(crate) fn run_with(out: &mut dyn Write, limit: Duration) -> Result<(), Box<dyn Error>> {
    let rt = Runtime::builder().workers(2).build();
    for line in rt.go(story(limit)).wait()?? {
        writeln!(out, "{line}")?;
    }
    // Without a server there are no rooms, and no blocks.
    let patience = timeout(secs(10));
    while rt.live() > 0 && !patience.is_over() {
        std::thread::yield_now();
    }
    writeln!(out, "blocks left: {}", rt.live())?;
    Ok(())
}

/// The program; what it has to say goes to `out`.
pub(crate) fn run(out: &mut dyn Write) -> Result<(), Box<dyn Error>> {
    run_with(out, secs(2))
}

fn main() -> Result<(), Box<dyn Error>> {
    run(&mut io::stdout())
}
