//! The codecs, without sockets.

use csp_net::{Bytes, Codec, FrameError, LengthPrefixed, Lines};

/// The frames of `bytes`, when they come in pieces of `piece` bytes.
fn decode<C: Codec>(
    mut codec: C,
    bytes: &[u8],
    piece: usize,
) -> Result<(Vec<C::In>, usize), FrameError> {
    let (mut frames, mut start, mut come) = (Vec::new(), 0, 0);
    loop {
        let end = come == bytes.len();
        while let Some((frame, used)) = codec.decode(&bytes[start..come], end)? {
            frames.push(frame);
            start += used;
        }
        if end {
            return Ok((frames, bytes.len() - start));
        }
        come = bytes.len().min(come + piece);
    }
}

#[test]
fn lines_in_any_pieces() {
    let bytes = "one\ntwo\r\n\n\r\nfünf\nta\ril".as_bytes();
    for piece in 1..=bytes.len() {
        let (lines, left) = decode(Lines::new(), bytes, piece).unwrap();
        assert_eq!(lines, ["one", "two", "", "", "fünf", "ta\ril"], "{piece}");
        assert_eq!(left, 0);
    }
}

#[test]
fn lines_keep_to_their_limit_in_any_pieces() {
    let cases: [(&[u8], bool); 9] = [
        (b"abc\n", true),
        (b"abc\r\n", true),
        (b"abc", true),
        (b"abc\r", true),
        (b"abcd\n", false),
        (b"abcd", false),
        (b"abcd\r\n", false),
        (b"abc\rd\n", false),
        (b"\nabcdefghij", false),
    ];
    for (bytes, fits) in cases {
        for piece in 1..=bytes.len() {
            let lines = decode(Lines::with_max(3), bytes, piece);
            match lines {
                Ok((lines, left)) => {
                    assert!(fits, "{bytes:?} in pieces of {piece} gave {lines:?}");
                    assert_eq!(left, 0);
                }
                Err(error) => {
                    assert!(!fits, "{bytes:?} in pieces of {piece}");
                    assert!(matches!(error, FrameError::TooLong { limit: 3, .. }));
                }
            }
        }
    }
}

#[test]
fn lines_are_text_without_line_ends() {
    let error = decode(Lines::new(), b"a\xff\n", 9).unwrap_err();
    assert!(
        error.to_string().starts_with("a line is no text: "),
        "{error}"
    );
    let mut out = Vec::new();
    let mut lines = Lines::with_max(5);
    assert!(matches!(
        lines.encode("two\nlines".into(), &mut out),
        Err(FrameError::TooLong {
            limit: 5,
            len: Some(9)
        })
    ));
    assert!(matches!(
        lines.encode("a\nb".into(), &mut out),
        Err(FrameError::Invalid(_))
    ));
    assert!(out.is_empty());
    lines.encode("abcde".into(), &mut out).unwrap();
    assert_eq!(out, b"abcde\n");
}

#[test]
fn length_prefixed_in_any_pieces() {
    let mut bytes = Vec::new();
    let mut codec = LengthPrefixed::with_max(300);
    let frames = [vec![], vec![1], vec![7; 300], vec![0, 0, 0, 1]];
    for frame in &frames {
        codec.encode(frame.clone(), &mut bytes).unwrap();
    }
    for piece in [1, 2, 3, 5, 8, 100, 1000] {
        assert_eq!(
            decode(codec.clone(), &bytes, piece),
            Ok((frames.to_vec(), 0))
        );
    }
    let cut = &bytes[..bytes.len() - 1];
    assert_eq!(decode(codec.clone(), cut, 4), Ok((frames[..3].to_vec(), 7)));
    let refused = Err(FrameError::TooLong {
        limit: 300,
        len: Some(301),
    });
    assert_eq!(codec.encode(vec![0; 301], &mut bytes), refused);
    assert_eq!(
        decode(codec, &[0, 0, 1, 45], 1).map(drop),
        refused,
        "by the length alone"
    );
}

#[test]
fn bytes_in_chunks() {
    let (pieces, left) = decode(Bytes::with_chunk(4), b"hello world", 7).unwrap();
    assert_eq!(left, 0);
    assert!(pieces.iter().all(|piece| (1..=4).contains(&piece.len())));
    assert_eq!(pieces.concat(), b"hello world");
}

#[test]
#[should_panic(expected = "lines of at most 0 bytes")]
fn lines_of_no_bytes_are_refused() {
    let _lines = Lines::with_max(0);
}
