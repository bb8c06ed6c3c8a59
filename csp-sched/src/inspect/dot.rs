//! A dump as a graph.

use std::{
    collections::HashSet,
    fmt::{self, Display, Formatter, Write},
};

use csp_core::inspect::{Block, On};

use super::{
    dump::Dump,
    words::{By, channel, in_quotes, operation, quoted, span},
};

/// A [`Dump`] that displays as a graph for Graphviz: made by [`Dump::dot`].
#[derive(Debug)]
pub struct Dot<'a>(pub(super) &'a Dump);

impl Display for Dot<'_> {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        f.write_str("digraph csp {\n  rankdir=LR;\n  node [fontname=\"sans-serif\"];\n")?;
        self.0.blocks.iter().try_for_each(|one| block(f, one))?;
        for one in &self.0.channels {
            let name = quoted(one.name.as_deref());
            let label = label(By(|f: &mut Formatter<'_>| {
                write!(f, "channel {}{name}\n{}", one.id, channel(one))
            }));
            writeln!(f, "  c{} [shape=cds, label={label}];", one.id)?;
        }
        for one in &self.0.promises {
            let label = label(By(|f: &mut Formatter<'_>| {
                write!(f, "{} {}\n{}", one.kind, one.id, one.state)
            }));
            writeln!(f, "  p{} [shape=hexagon, label={label}];", one.id)?;
        }
        for one in &self.0.timers {
            let label = label(By(|f: &mut Formatter<'_>| match one.due {
                Some(due) => write!(f, "timer\ndue in {}", span(due)),
                None => f.write_str("timer\nnever"),
            }));
            writeln!(f, "  t{} [shape=circle, label={label}];", one.channel)?;
        }
        self.strangers(f)?;
        for one in &self.0.blocks {
            one.waits_for.iter().try_for_each(|wait| {
                let arm = wait.arm.map_or(String::new(), |arm| format!("arm {arm}"));
                edge(f, one.id, wait.on, &arm)
            })?;
        }
        f.write_str("}\n")
    }
}

impl Dot<'_> {
    /// The channels that somebody waits for and that inspection does not know.
    fn strangers(&self, f: &mut Formatter<'_>) -> fmt::Result {
        let mut seen = HashSet::new();
        for wait in self.0.blocks.iter().flat_map(|block| &block.waits_for) {
            let (On::Take(id) | On::Put(id) | On::Close(id) | On::Room(id)) = wait.on else {
                continue;
            };
            if self.0.channel(id).is_none() && seen.insert(id) {
                writeln!(
                    f,
                    "  c{id} [shape=cds, style=dashed, label=\"channel {id}\"];"
                )?;
            }
        }
        Ok(())
    }
}

fn block(f: &mut Formatter<'_>, one: &Block) -> fmt::Result {
    let name = quoted(one.name.as_deref());
    let label = label(By(|f: &mut Formatter<'_>| {
        write!(f, "block {}{name}\n{}", one.id, one.site)?;
        if let Some(site) = &one.parked_at {
            write!(f, "\n{}", operation(site))?;
        }
        if let Some(waiting) = one.waiting {
            write!(f, " for {}", span(waiting))?;
        }
        Ok(())
    }));
    writeln!(f, "  b{} [shape=box, label={label}];", one.id)
}

fn edge(f: &mut Formatter<'_>, block: u64, on: On, arm: &str) -> fmt::Result {
    match on {
        On::Take(id) => writeln!(f, "  c{id} -> b{block} [label=\"{arm}\"];"),
        On::Put(id) => writeln!(f, "  b{block} -> c{id} [label=\"{arm}\"];"),
        On::Close(id) => writeln!(f, "  c{id} -> b{block} [style=dotted, label=\"close\"];"),
        On::Room(id) => writeln!(f, "  b{block} -> c{id} [label=\"all or none\"];"),
        On::Timer(id) => writeln!(f, "  t{id} -> b{block} [style=dotted, label=\"{arm}\"];"),
        On::Block(id) => writeln!(f, "  b{block} -> b{id} [style=dotted];"),
        On::Promise(id) => writeln!(f, "  b{block} -> p{id} [style=dotted];"),
        _ => Ok(()),
    }
}

/// A quoted string. A line break stays one.
fn label(text: impl Display) -> impl Display {
    in_quotes(text, |f, c| {
        f.write_char(if c.is_control() { '?' } else { c })
    })
}
