//! A flow as a graph in Graphviz's DOT language.

use std::fmt::{self, Write};

use super::{
    describe::Port,
    flow::{Node, Plan},
    message::Kind,
    queue::Queue,
};

pub(crate) fn draw(plan: &Plan) -> String {
    let mut dot = String::new();
    // Nothing fails that writes into a string.
    write_graph(&mut dot, plan).ok();
    dot
}

fn write_graph(dot: &mut String, plan: &Plan) -> fmt::Result {
    writeln!(dot, "digraph {} {{", Quoted(&plan.name))?;
    writeln!(dot, "  rankdir=LR")?;
    writeln!(dot, "  node [shape=plain fontname=\"Helvetica\"]")?;
    writeln!(dot, "  edge [fontname=\"Helvetica\" fontsize=10]")?;
    for (index, node) in plan.nodes.iter().enumerate() {
        write_node(dot, index, node)?;
    }
    for (index, (id, inlet)) in plan.inlets.iter().enumerate() {
        writeln!(
            dot,
            "  outside_in{index} [shape=circle label=\"\" width=0.15]"
        )?;
        write!(dot, "  outside_in{index} -> p{}:in{}:w", id.node, id.port)?;
        write_label(dot, inlet.kind, inlet.queue)?;
    }
    for link in &plan.links {
        let (from, to) = (link.from, link.to);
        write!(dot, "  p{}:out{}:e -> ", from.node, from.port)?;
        write!(dot, "p{}:in{}:w", to.node, to.port)?;
        let port = &plan.nodes[from.node].about.outs[from.port];
        write_label(dot, port.kind, link.queue)?;
    }
    for (index, (id, outlet)) in plan.outlets.iter().enumerate() {
        writeln!(
            dot,
            "  outside_out{index} [shape=doublecircle label=\"\" width=0.1]"
        )?;
        write!(dot, "  p{}:out{}:e -> outside_out{index}", id.node, id.port)?;
        write_label(dot, outlet.kind, outlet.queue)?;
    }
    writeln!(dot, "}}")
}

/// A table of three columns: in-ports, what it is, out-ports.
fn write_node(dot: &mut String, index: usize, node: &Node) -> fmt::Result {
    let about = &node.about;
    let workload = about
        .workload
        .map(|workload| format!("{workload:?}").to_lowercase());
    writeln!(
        dot,
        "  p{index} [label=<<table border=\"1\" cellborder=\"0\" cellspacing=\"0\"><tr>"
    )?;
    write_ports(dot, "in", &about.ins)?;
    writeln!(
        dot,
        "    <td><b>{}</b><br/>{}<br/><i>{}</i></td>",
        Html(&node.name),
        Html(&about.doc),
        workload.as_deref().unwrap_or("in place"),
    )?;
    write_ports(dot, "out", &about.outs)?;
    writeln!(dot, "  </tr></table>>]")
}

fn write_ports(dot: &mut String, side: &str, ports: &[Port]) -> fmt::Result {
    if ports.is_empty() {
        return Ok(());
    }
    write!(
        dot,
        "    <td><table border=\"0\" cellborder=\"1\" cellspacing=\"0\">"
    )?;
    for (index, port) in ports.iter().enumerate() {
        write!(
            dot,
            "<tr><td port=\"{side}{index}\">{}</td></tr>",
            Html(port.name())
        )?;
    }
    writeln!(dot, "</table></td>")
}

fn write_label(dot: &mut String, kind: Kind, queue: Queue) -> fmt::Result {
    let label = format!("{}, {queue}", kind.short_name());
    writeln!(dot, " [label={}]", Quoted(&label))
}

/// A string of DOT.
struct Quoted<'a>(&'a str);

impl fmt::Display for Quoted<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_char('"')?;
        for c in self.0.chars() {
            match c {
                '"' | '\\' => write!(f, "\\{c}")?,
                '\n' => f.write_str("\\n")?,
                _ => f.write_char(c)?,
            }
        }
        f.write_char('"')
    }
}

/// Text in one of DOT's labels that are like HTML.
struct Html<'a>(&'a str);

impl fmt::Display for Html<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for c in self.0.chars() {
            match c {
                '<' => f.write_str("&lt;")?,
                '>' => f.write_str("&gt;")?,
                '&' => f.write_str("&amp;")?,
                '"' => f.write_str("&quot;")?,
                '\n' => f.write_str("<br/>")?,
                _ => f.write_char(c)?,
            }
        }
        Ok(())
    }
}
