//! A broadcaster: three TCP clients, and whatever one of them says, all of them hear. AX-08, from the Lamina
//! talk: `(siphon client hub) (siphon hub client)`.
//!
//! ```sh
//! cargo run --example ax_08_broadcast
//! ```
//!
//! Each connection is two channels of lines. The server connects both of them with one hub by siphons: what
//! closes goes up and no further, so a client that leaves takes its own two links with it, and the hub stays,
//! also when nobody is left.

use std::{error::Error, io::Write, net::SocketAddr};

use csp::{Hub, prelude::*};
use csp_net::{Duplex, Lines, tcp};

/// Runs the server and its clients, and tells what the clients hear.
///
/// # Errors
/// If there are no sockets, or nobody hears anything.
pub(crate) fn run(out: &mut dyn Write) -> Result<(), Box<dyn Error>> {
    let listener = tcp::listen("127.0.0.1:0")?;
    let (addr, door) = (listener.local_addr(), listener.connections.clone());
    let (tx, everything) = chan(8);
    let hub = csp::hub(everything.named("everything said"));
    let (counts, served) = chan(8);
    go!({
        let mut clients = 0;
        while let Some(connection) = take!(listener.connections) {
            serve(&connection.frames(Lines::new()), &tx, &hub, &counts);
            clients += 1;
            put!(counts, Served::Came(clients)).ok();
        }
    });
    let said = csp::block_on(converse(out, addr, &served));
    door.close();
    said
}

/// What the server tells of.
enum Served {
    Came(u32),
    Left,
}

/// Connects a client with the hub, both ways.
fn serve(client: &Duplex<String>, tx: &Sender<String>, hub: &Hub<String>, counts: &Sender<Served>) {
    let says = csp::siphon(client.rx.clone(), tx.clone());
    let hears = csp::siphon(hub.subscribe(8), client.tx.clone());
    let (counts, client) = (counts.clone(), client.clone());
    go!({
        // The client has gone: nothing more comes from it, and it is to hear nothing more.
        says.await.ok();
        client.close();
        hears.await.ok();
        put!(counts, Served::Left).ok();
    });
}

async fn converse(
    out: &mut dyn Write,
    addr: SocketAddr,
    served: &Receiver<Served>,
) -> Result<(), Box<dyn Error>> {
    let mut clients = Vec::new();
    for _ in 0..3 {
        clients.push(tcp::connect(addr).await?.frames(Lines::new()));
        if let Some(Served::Came(n)) = take!(served) {
            writeln!(out, "client {n} is connected")?;
        }
    }
    say(out, &clients, 1, "x").await?;

    clients.pop();
    if let Some(Served::Left) = take!(served) {
        writeln!(out, "client 3 has left")?;
    }
    say(out, &clients, 2, "y").await?;

    clients.clear();
    for left in ["one more", "the last"] {
        if let Some(Served::Left) = take!(served) {
            writeln!(out, "{left} has left")?;
        }
    }
    // The hub is there for whoever comes next.
    clients.push(tcp::connect(addr).await?.frames(Lines::new()));
    if let Some(Served::Came(n)) = take!(served) {
        writeln!(out, "client {n} is connected")?;
    }
    say(out, &clients, 1, "z").await
}

/// One of them says something; tells who hears what.
async fn say(
    out: &mut dyn Write,
    clients: &[Duplex<String>],
    who: usize,
    what: &str,
) -> Result<(), Box<dyn Error>> {
    put!(clients[who - 1].tx, what.to_owned())?;
    for (n, client) in (1..).zip(clients) {
        let heard = within(secs(30), client.rx.take()).await?;
        let heard = heard.ok_or("the connection has gone")?;
        writeln!(out, "client {who} says {what}: client {n} hears {heard}")?;
    }
    Ok(())
}

fn main() -> Result<(), Box<dyn Error>> {
    run(&mut std::io::stdout())
}
