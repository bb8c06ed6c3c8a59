//! The definition as a graph.

use csp::flow::{self, Describe, FlowDef, Outputs, Process, Queue};

use super::util::Sum;

#[test]
fn a_flow_is_drawn_in_dot() {
    let sort = Describe::new("sorts by <size> & \"kind\"")
        .input("lines", |(), _: &Vec<String>, _: &mut Outputs| ())
        .input("ticks", |(), _: &u64, _: &mut Outputs| ())
        .output::<u64>("big");
    let flow = FlowDef::new("a \"test\"")
        .process("numbers", flow::source(|| 0..3_u64))
        .process("sort", Process::of(|| (), sort).workload(csp::Workload::Io))
        .process("sum", Sum::default)
        .in_port::<Vec<String>>(("sort", "lines"), 5)
        .connect(("numbers", "out"), ("sort", "ticks"))
        .connect_with(("sort", "big"), ("sum", "in"), 0)
        .connect_with(("sum", "out"), ("sum", "in"), Queue::sliding(1))
        .out_port::<u64>(("sum", "out"), Queue::dropping(7))
        .build()
        .unwrap();
    let dot = flow.to_dot();
    assert_eq!(dot, DOT, "\n{dot}");
}

const DOT: &str = r#"digraph "a \"test\"" {
  rankdir=LR
  node [shape=plain fontname="Helvetica"]
  edge [fontname="Helvetica" fontsize=10]
  p0 [label=<<table border="1" cellborder="0" cellspacing="0"><tr>
    <td><b>numbers</b><br/>puts the values of an iterator<br/><i>mixed</i></td>
    <td><table border="0" cellborder="1" cellspacing="0"><tr><td port="out0">out</td></tr></table></td>
  </tr></table>>]
  p1 [label=<<table border="1" cellborder="0" cellspacing="0"><tr>
    <td><table border="0" cellborder="1" cellspacing="0"><tr><td port="in0">lines</td></tr><tr><td port="in1">ticks</td></tr></table></td>
    <td><b>sort</b><br/>sorts by &lt;size&gt; &amp; &quot;kind&quot;<br/><i>io</i></td>
    <td><table border="0" cellborder="1" cellspacing="0"><tr><td port="out0">big</td></tr></table></td>
  </tr></table>>]
  p2 [label=<<table border="1" cellborder="0" cellspacing="0"><tr>
    <td><table border="0" cellborder="1" cellspacing="0"><tr><td port="in0">in</td></tr></table></td>
    <td><b>sum</b><br/>adds up<br/><i>in place</i></td>
    <td><table border="0" cellborder="1" cellspacing="0"><tr><td port="out0">out</td></tr></table></td>
  </tr></table>>]
  outside_in0 [shape=circle label="" width=0.15]
  outside_in0 -> p1:in0:w [label="Vec<String>, 5"]
  p0:out0:e -> p1:in1:w [label="u64, 10"]
  p1:out0:e -> p2:in0:w [label="u64, rendezvous"]
  p2:out0:e -> p2:in0:w [label="u64, sliding 1"]
  outside_out0 [shape=doublecircle label="" width=0.1]
  p2:out0:e -> outside_out0 [label="u64, dropping 7"]
}
"#;
