//! Errors of accepting: a process of its own runs out of descriptors.

use std::{net::TcpStream, process::Command};

use csp::prelude::*;
use csp_net::tcp;

use crate::util::on_runtime;

const CHILD: &str = "tcp_errors::out_of_descriptors_in_a_child";

#[test]
fn running_out_of_descriptors_is_told_and_ends_nothing() {
    let exe = std::env::current_exe().unwrap();
    let run = Command::new("sh")
        .args([
            "-c",
            "ulimit -n 40 && exec \"$0\" --exact \"$1\" --ignored --nocapture",
        ])
        .arg(exe)
        .arg(CHILD)
        .output()
        .unwrap();
    let said = String::from_utf8_lossy(&run.stdout);
    assert!(
        run.status.success() && said.contains("1 passed"),
        "{said}{run:?}"
    );
}

#[test]
#[ignore = "it is run by the test above, in a process with few descriptors"]
fn out_of_descriptors_in_a_child() {
    on_runtime(async {
        let listener = tcp::listen("127.0.0.1:0").unwrap();
        // The system accepts them: each has one descriptor, until there are no more.
        let mut raws = Vec::new();
        while let Ok(raw) = TcpStream::connect(listener.local_addr()) {
            raws.push(raw);
        }
        let mut taken = Vec::new();
        let error = loop {
            alt! {
                error = take!(listener.errors) => break error.unwrap(),
                Some(connection) = take!(listener.connections) => taken.push(connection),
                else _none => panic!("it goes on listening"),
            }
        };
        assert_eq!(error.raw_os_error(), Some(24), "{error}");
        // With a descriptor free again, all that wait in the system's queue are accepted.
        let waiting = raws.len() - taken.len();
        assert!(waiting > 0);
        raws.pop();
        for _ in 0..waiting {
            drop(take!(listener.connections).unwrap());
        }
    });
}
