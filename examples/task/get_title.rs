//! AX-24: fetch a post and shout its title, the first example of Task's documentation.
//!
//! A request is a promise, and what is to become of the answer is said at once: take its body, find the
//! title in it, make it upper case. Only the last line waits. (The server is one of our own.)
//!
//! `cargo run --example ax_24_get_title`

use std::{error::Error, io::Write, iter::Peekable, str::Chars};

use csp::{Promise, promise::go_try};
use csp_net::http::{self, Request, Response};

const POST: &str = r#"{"userId":1,"id":3,
    "title":"ea molestias quasi exercitationem repellat qui ipsa sit aut",
    "body":"et iusto sed quo iure\nvoluptatem \"occaecati\" omnis eligendi aut ad"}"#;

fn get(url: String) -> Promise<String> {
    go_try(async { Ok(http::get(url).await?.body.text(1 << 20).await?) })
}

/// The string that an object of JSON has under `key`. (Escapes of surrogate pairs are not for it.)
pub(crate) fn string_of(json: &str, key: &str) -> Option<String> {
    let mut chars = json.chars().peekable();
    while chars.any(|c| c == '"') {
        let found = string(&mut chars)?;
        skip_space(&mut chars);
        // A string before a colon is a key; any other is skipped as a whole.
        if chars.next_if_eq(&':').is_some() && found == key {
            skip_space(&mut chars);
            chars.next_if_eq(&'"')?;
            return string(&mut chars);
        }
    }
    None
}

fn skip_space(chars: &mut Peekable<Chars<'_>>) {
    while chars.next_if(char::is_ascii_whitespace).is_some() {}
}

/// The rest of a string, whose first quote is read.
fn string(chars: &mut Peekable<Chars<'_>>) -> Option<String> {
    let mut text = String::new();
    loop {
        match chars.next()? {
            '"' => return Some(text),
            '\\' => text.push(match chars.next()? {
                'n' => '\n',
                't' => '\t',
                'r' => '\r',
                'b' => '\u{8}',
                'f' => '\u{c}',
                'u' => {
                    let hex: String = chars.by_ref().take(4).collect();
                    char::from_u32(u32::from_str_radix(&hex, 16).ok()?)?
                }
                itself => itself,
            }),
            c => text.push(c),
        }
    }
}

/// The program; what it has to say goes to `out`.
pub(crate) fn run(out: &mut dyn Write) -> Result<(), Box<dyn Error>> {
    let server = http::serve("127.0.0.1:0", async |request: Request| {
        match request.path() {
            "/posts/3" => Response::text(POST),
            _ => Response::new(404),
        }
    })?;

    let title = get(format!("{}/posts/3", server.url()))
        .and_then(|body| string_of(&body, "title").ok_or_else(|| "no title".into()))
        .map(|title| title.to_uppercase());

    writeln!(out, "{}", title.wait()?)?;
    Ok(())
}

fn main() -> Result<(), Box<dyn Error>> {
    run(&mut std::io::stdout())
}
