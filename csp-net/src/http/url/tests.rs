//! The parts of URLs.

use super::parse;

#[test]
fn urls_have_their_parts() {
    let cases = [
        ("http://a", "a", "a:80", "/"),
        ("HTTP://a:8080", "a:8080", "a:8080", "/"),
        ("http://a/b?c=d#e", "a", "a:80", "/b?c=d"),
        ("http://a?c", "a", "a:80", "/?c"),
        ("http://[::1]", "[::1]", "[::1]:80", "/"),
        ("http://[::1]:9/x", "[::1]:9", "[::1]:9", "/x"),
    ];
    for (url, authority, addr, target) in cases {
        let parts = parse(url).unwrap();
        assert_eq!(
            (parts.authority, &*parts.addr, &*parts.target),
            (authority, addr, target),
            "{url}"
        );
    }
}

#[test]
fn other_urls_are_refused_with_their_text() {
    let urls = [
        "",
        "a",
        "/x",
        "https://a/",
        "http://",
        "http:///x",
        "http://a:",
        "http://a:70000/",
        "http://a:x/",
        "http://a/b c",
        "http://a/\r\nX: y",
        "http://ü/",
        "http://u:p@a/",
    ];
    for url in urls {
        let error = parse(url).unwrap_err().to_string();
        assert!(error.starts_with(&format!("the URL {url:?} ")), "{error}");
    }
}
