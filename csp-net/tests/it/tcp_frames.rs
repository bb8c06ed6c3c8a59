//! Frames over sockets: order, limits, back pressure.

use std::io::{ErrorKind, Read, Write};

use csp::{Cause, prelude::*};
use csp_net::{
    Bytes, Codec, ConnectionError, FrameError, LengthPrefixed, Lines, Reason, tcp::Connection,
};

use crate::util::{ask, both, ended, listening, on_runtime, runtime, with_raw_peer};

async fn echo_lines(connection: Connection) {
    let peer = connection.frames(Lines::new());
    while let Some(line) = take!(peer.rx) {
        if put!(peer.tx, line).is_err() {
            break;
        }
    }
}

fn reason(cause: Option<Cause>) -> ConnectionError {
    let cause = cause.expect("the channel failed");
    cause
        .downcast_ref::<ConnectionError>()
        .expect("with this cause")
        .clone()
}

#[test]
fn lines_are_echoed_also_the_last_without_an_end() {
    let rt = runtime();
    let (listener, entered) = listening(&rt);
    let addr = listener.local_addr();
    go!({
        while let Some(connection) = take!(listener.connections) {
            go!({ echo_lines(connection).await });
        }
    });
    assert_eq!(ask(addr, b"one\r\ntwo\n\ntail"), b"one\ntwo\n\ntail\n");
    assert_eq!(ask(addr, b""), b"");
    let many: Vec<u8> = (0..20_000)
        .flat_map(|n| format!("line {n}\n").into_bytes())
        .collect();
    let (asked, answer) = (many.clone(), thread(move || ask_slowly(addr, &many)));
    assert_eq!(answer.wait(), Ok(asked));
    drop(entered);
    // The accepting block holds the receiver: it ends with the runtime.
    rt.shutdown(ms(0)).unwrap();
}

/// Writes and reads at once, since both directions are larger than the system's buffers may be.
fn ask_slowly(addr: std::net::SocketAddr, bytes: &[u8]) -> Vec<u8> {
    let mut raw = std::net::TcpStream::connect(addr).unwrap();
    let mut writing = raw.try_clone().unwrap();
    let bytes = bytes.to_vec();
    let writer = std::thread::spawn(move || {
        for piece in bytes.chunks(777) {
            writing.write_all(piece).unwrap();
        }
        writing.shutdown(std::net::Shutdown::Write).unwrap();
    });
    let mut answer = Vec::new();
    raw.read_to_end(&mut answer).unwrap();
    writer.join().unwrap();
    answer
}

#[test]
fn length_prefixed_frames_go_both_ways_in_order() {
    on_runtime(async {
        let (here, there) = both().await;
        let here = here.frames(LengthPrefixed::with_max(100_000));
        let there = there.buffer(0).frames(LengthPrefixed::with_max(100_000));
        let back = go!({
            while let Some(frame) = take!(there.rx) {
                put!(there.tx, frame).unwrap();
            }
        });
        let (rx, tx) = here.split();
        let sizes = || (0..500_usize).map(|n| n * 37 % 5_000).chain([100_000]);
        let putting = go!({
            for size in sizes() {
                put!(tx, vec![u8::try_from(size % 251).unwrap(); size]).unwrap();
            }
        });
        for size in sizes() {
            let frame = take!(rx).unwrap();
            assert_eq!(frame.len(), size);
            assert!(frame.iter().all(|&byte| usize::from(byte) == size % 251));
        }
        assert_eq!(take!(rx), None);
        assert!(rx.failure().is_none());
        back.await.unwrap();
        putting.await.unwrap();
    });
}

#[test]
fn a_line_over_the_limit_fails_naming_limit_and_peer_and_closes() {
    on_runtime(async {
        let (ours, mut raw) = with_raw_peer().await;
        let peer = ours.peer_addr();
        let link = ours.link();
        let lines = ours.frames(Lines::with_max(16));
        raw.write_all(b"a short line\n12345678901234567").unwrap();
        assert_eq!(take!(lines.rx).as_deref(), Some("a short line"));
        assert_eq!(take!(lines.rx), None);
        let error = reason(lines.rx.failure());
        assert_eq!(error.peer_addr(), raw.local_addr().unwrap());
        assert_eq!(
            error.to_string(),
            format!("the connection with {peer}: a frame is longer than the limit of 16 bytes")
        );
        assert!(link.finished().await.is_err());
        assert!(put!(lines.tx, "too late".into()).is_err());
        // The peer sees the end: in order, or by a reset since it had written more.
        let end = raw.read(&mut [0; 9]);
        assert!(matches!(&end, Ok(0)) || end.is_err(), "{end:?}");
    });
}

#[test]
fn a_long_frame_is_refused_by_its_length() {
    on_runtime(async {
        let (ours, mut raw) = with_raw_peer().await;
        let frames = ours.frames(LengthPrefixed::with_max(1000));
        raw.write_all(&[0xff; 4]).unwrap();
        assert_eq!(take!(frames.rx), None);
        let error = reason(frames.rx.failure());
        let Reason::Received(FrameError::TooLong {
            limit: 1000,
            len: Some(len),
        }) = error.reason()
        else {
            panic!("{error}");
        };
        assert_eq!(*len, 0xffff_ffff);
    });
}

#[test]
fn an_end_inside_a_frame_is_an_error() {
    on_runtime(async {
        let (ours, mut raw) = with_raw_peer().await;
        let frames = ours.frames(LengthPrefixed::with_max(1000));
        raw.write_all(&[0, 0, 0, 9, 1, 2]).unwrap();
        drop(raw);
        assert_eq!(take!(frames.rx), None);
        let error = reason(frames.rx.failure());
        assert!(
            matches!(error.reason(), Reason::Received(FrameError::Truncated(6))),
            "{error}"
        );
    });
}

/// Never finds a frame, and panics at an exclamation mark; writes nothing but refuses "no".
#[derive(Clone)]
struct Odd;

impl Codec for Odd {
    type In = ();
    type Out = &'static str;

    fn limit(&self) -> usize {
        10_000
    }

    fn decode(&mut self, bytes: &[u8], _end: bool) -> Result<Option<((), usize)>, FrameError> {
        assert!(!bytes.contains(&b'!'), "an odd byte");
        Ok(None)
    }

    fn encode(&mut self, frame: &'static str, out: &mut Vec<u8>) -> Result<(), FrameError> {
        if frame == "no" {
            return Err(FrameError::Invalid("it is a no".into()));
        }
        out.extend(frame.bytes());
        Ok(())
    }
}

#[test]
fn a_codec_that_finds_no_frame_keeps_no_more_than_its_limit() {
    on_runtime(async {
        let (ours, mut raw) = with_raw_peer().await;
        let frames = ours.frames(Odd);
        raw.write_all(&[b'.'; 10_000]).unwrap();
        assert_eq!(take!(frames.rx), None);
        let error = reason(frames.rx.failure());
        assert!(
            matches!(
                error.reason(),
                Reason::Received(FrameError::TooLong { limit: 10_000, .. })
            ),
            "{error}"
        );
    });
}

#[test]
fn a_codec_that_panics_breaks_its_connection_alone() {
    on_runtime(async {
        let (ours, mut raw) = with_raw_peer().await;
        let link = ours.link();
        let frames = ours.frames(Odd);
        raw.write_all(b"!").unwrap();
        assert_eq!(take!(frames.rx), None);
        let error = reason(frames.rx.failure());
        assert!(matches!(error.reason(), Reason::Abandoned), "{error}");
        assert!(link.finished().await.is_err());
        assert_eq!(put!(frames.tx, "back"), Err(Closed("back")));
    });
}

#[test]
fn a_frame_that_cannot_be_written_breaks_it_after_those_before() {
    on_runtime(async {
        let (ours, mut raw) = with_raw_peer().await;
        let link = ours.link();
        let frames = ours.buffer(4).frames(Odd);
        for frame in ["good ", "frames", "no"] {
            frames.tx.try_put(frame).unwrap();
        }
        let error = link.finished().await.unwrap_err();
        assert!(
            error
                .to_string()
                .ends_with("a frame cannot be written: it is a no"),
            "{error}"
        );
        assert_eq!(link.unwritten(), 1);
        let mut text = String::new();
        raw.read_to_string(&mut text).unwrap();
        assert_eq!(text, "good frames");
    });
}

/// Writes until the system takes no more for a good while: how much it took. Stops at `most`.
fn write_until_it_would_block(raw: &mut std::net::TcpStream, most: usize) -> usize {
    raw.set_nonblocking(true).unwrap();
    let (mut written, mut refused) = (0, 0);
    while refused < 5_000 && written < most {
        match raw.write(&[7; 8 * 1024]) {
            Ok(n) => (written, refused) = (written + n, 0),
            Err(error) => {
                assert_eq!(error.kind(), ErrorKind::WouldBlock);
                refused += 1;
                std::thread::yield_now();
            }
        }
    }
    raw.set_nonblocking(false).unwrap();
    written
}

#[test]
fn back_pressure_reaches_the_peer() {
    const MOST: usize = 256 << 20;
    on_runtime(async {
        let (ours, mut raw) = with_raw_peer().await;
        let pieces = ours.buffer(1).frames(Bytes::new());
        let (raw, written) = thread(move || {
            let written = write_until_it_would_block(&mut raw, MOST);
            (raw, written)
        })
        .await
        .unwrap();
        assert!(written < MOST, "nobody takes, and the peer could go on");
        drop(raw);
        let mut read = 0;
        while let Some(piece) = take!(pieces.rx) {
            assert!(piece.iter().all(|&byte| byte == 7));
            read += piece.len();
        }
        assert_eq!(read, written);
    });
}

#[test]
fn puts_park_while_the_peer_does_not_read() {
    const FRAME: usize = 64 * 1024;
    on_runtime(async {
        let (ours, mut raw) = with_raw_peer().await;
        let pieces = ours.buffer(1).frames(Bytes::new());
        let mut put = 0_usize;
        let mut refused = 0;
        while refused < 5_000 && put < 4_000 {
            match pieces.tx.try_put(vec![9; FRAME]) {
                Ok(()) => (put, refused) = (put + 1, 0),
                Err(_) => refused += 1,
            }
            yield_now().await;
        }
        assert!(put < 4_000, "the peer reads nothing, and puts went on");
        drop(pieces.tx);
        let read = thread(move || {
            let mut all = Vec::new();
            raw.read_to_end(&mut all).unwrap();
            all.len()
        });
        assert_eq!(read.await, Ok(put * FRAME));
        assert_eq!(take!(pieces.rx), None);
    });
}

#[test]
fn a_peer_is_one_arm_among_others() {
    on_runtime(async {
        let (here, there) = both().await;
        let (here, there) = (here.frames(Lines::new()), there.frames(Lines::new()));
        let (stop_tx, stop) = chan::<()>(0);
        let echo = go!({
            let mut echoed = 0;
            loop {
                alt! {
                    line = take!(there.rx) => match line {
                        Some(line) => { put!(there.tx, line).unwrap(); echoed += 1; }
                        None => panic!("it is stopped before"),
                    },
                    _ = take!(stop) => break echoed,
                }
            }
        });
        for n in 0..100 {
            put!(here.tx, n.to_string()).unwrap();
            assert_eq!(take!(here.rx), Some(n.to_string()));
        }
        drop(stop_tx);
        assert_eq!(echo.await, Ok(100));
        assert_eq!(take!(here.rx), None, "its ends were dropped with the block");
    });
}

#[test]
fn a_test_runtime_ends_without_blocks() {
    ended(runtime());
}
