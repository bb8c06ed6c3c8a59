//! Requests and answers over TCP: a client whose server stops and starts again.

use std::net::SocketAddr;

use csp::{
    Error, Runtime,
    prelude::*,
    requests::{ClientEvent, client, serve},
};
use csp_net::{
    Lines,
    tcp::{self, Listener},
};

/// Answers lines with their capitals, and names itself.
fn start(addr: SocketAddr, name: &'static str) -> Listener {
    let listener = tcp::listen(addr).unwrap();
    let connections = listener.connections.clone();
    go!({
        while let Some(connection) = take!(connections) {
            let peer = connection.frames(Lines::new());
            let answer = move |line: String| async move {
                Ok::<_, Error>(format!("{name}: {}", line.to_uppercase()))
            };
            serve(peer.rx, peer.tx, answer).pipelined(4).start();
        }
    });
    listener
}

async fn until(events: &Receiver<ClientEvent>, wanted: impl Fn(&ClientEvent) -> bool) {
    while let Some(event) = take!(events) {
        if wanted(&event) {
            return;
        }
    }
}

/// EV-071: the server stops and starts, twice. EV-072: requests of the time between are answered in order.
#[test]
fn ev_071_ev_072_a_client_reconnects_over_tcp() {
    let rt = Runtime::builder().workers(2).tick(ms(1)).build();
    let test = rt.go(async {
        let listener = start("127.0.0.1:0".parse().unwrap(), "first");
        let addr = listener.local_addr();
        let (events_tx, events) = chan(sliding(100));
        let client = client(move || async move {
            let peer = tcp::connect(addr).await?.frames(Lines::new());
            Ok::<_, std::io::Error>((peer.tx, peer.rx))
        });
        let client = client.pipelined(3).events(events_tx).start();
        let ask = |text: &str| client.call(text.to_owned());
        assert_eq!(ask("hello").await.unwrap(), "first: HELLO");

        let mut listener = Some(listener);
        for name in ["second", "third"] {
            let stopping = listener.take().unwrap();
            stopping.shutdown(ms(0)).await; // cuts the connection
            assert_eq!(stopping.shutdown(secs(60)).await, 0);
            until(&events, |event| matches!(event, ClientEvent::Lost(_))).await;
            // Only now: an attempt may have met the listener in its last moment.
            let refused = |event: &ClientEvent| matches!(event, ClientEvent::NotConnected(_));
            until(&events, refused).await;
            let answers: Vec<_> = (0..10).map(|n| ask(&format!("line {n}"))).collect();
            until(&events, refused).await;
            listener = Some(start(addr, name));
            for (n, answer) in answers.into_iter().enumerate() {
                assert_eq!(answer.await.unwrap(), format!("{name}: LINE {n}"));
            }
        }
        client.close();
        client.closed().await;
        assert_eq!(listener.unwrap().shutdown(secs(60)).await, 0);
    });
    match test.wait() {
        Ok(()) => {}
        Err(Failure::Panicked(panic)) => panic.resume(),
        Err(failure) => panic!("{failure}"),
    }
    while rt.live() > 0 {
        std::thread::yield_now();
    }
    rt.shutdown(secs(10)).unwrap();
}
