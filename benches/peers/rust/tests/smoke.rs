//! csp's side of every workload, small: it ends, and its result is right.

use std::process::Command;

fn program(args: &[&str]) -> String {
    let output = Command::new(env!("CARGO_BIN_EXE_csp-peers-rust"))
        .args(args)
        .output()
        .expect("the program starts");
    assert!(output.status.success(), "{args:?}: {output:?}");
    String::from_utf8(output.stdout).expect("it prints text")
}

#[test]
fn csp_is_right_in_every_workload() {
    let list = program(&["list"]);
    let mut ran = 0;
    for line in list.lines() {
        let fields: Vec<&str> = line.split('\t').collect();
        if let [workload, name, "ours" | "variant"] = fields[..] {
            let result = program(&["run", workload, name, "1000"]);
            assert!(
                result.contains(r#""lost":0,"right":true"#),
                "{workload} {name}: {result}"
            );
            ran += 1;
        }
    }
    assert!(ran >= 35, "{ran}");
}

#[test]
fn no_name_is_there_twice() {
    let list = program(&["list"]);
    let mut names: Vec<&str> = list
        .lines()
        .filter_map(|line| {
            let (name, kind) = line.rsplit_once('\t')?;
            (!kind.is_empty()).then_some(name)
        })
        .collect();
    let all = names.len();
    names.sort_unstable();
    names.dedup();
    assert_eq!(names.len(), all);
}

#[test]
fn what_is_not_there_is_an_error() {
    let output = Command::new(env!("CARGO_BIN_EXE_csp-peers-rust"))
        .args(["run", "spawn_join", "nobody", "1"])
        .output()
        .expect("the program starts");
    assert!(!output.status.success());
    assert!(String::from_utf8_lossy(&output.stderr).contains("nobody"));
}
