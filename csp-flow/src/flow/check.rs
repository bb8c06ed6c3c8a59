//! Whether a definition makes sense: names become indices on the way.

use std::collections::HashSet;

use super::{
    def::{Connection, FlowDef, PortId},
    describe::Port,
    ends::{Inlet, Outlet},
    flow::{Flow, InId, Link, Node, OutId, Plan},
    message::Kind,
    problem::{DefError, Place, Problem},
    process::Process,
};
use crate::sync::plain::Arc;

pub(crate) fn check(def: FlowDef) -> Result<Flow, DefError> {
    let mut check = Check {
        processes: &def.processes,
        problems: Vec::new(),
        reached: HashSet::new(),
        plan: Plan::default(),
    };
    check.processes();
    check.connections(&def.connections);
    check.ends(&def.inlets, &def.outlets);
    check.left_open(&def.left_open);
    check.unconnected();
    let Check {
        problems, mut plan, ..
    } = check;
    if !problems.is_empty() {
        return Err(DefError {
            flow: def.name,
            problems,
        });
    }
    plan.name = def.name;
    plan.nodes = (def.processes.into_iter())
        .map(|(name, process)| Node {
            name: name.into(),
            about: Arc::new(process.about),
            blueprint: process.blueprint,
        })
        .collect();
    Ok(Flow::new(plan))
}

struct Check<'a> {
    processes: &'a [(String, Process)],
    problems: Vec<Problem>,
    /// In-ports that something leads to, if only by a connection that is wrong otherwise.
    reached: HashSet<InId>,
    plan: Plan,
}

impl Check<'_> {
    fn processes(&mut self) {
        let mut seen = HashSet::new();
        for (name, process) in self.processes {
            if !seen.insert(name) {
                self.problems.push(Problem::DoubledProcess {
                    process: name.clone(),
                });
            }
            self.ports(name, process);
        }
    }

    fn ports(&mut self, name: &str, process: &Process) {
        let about = &process.about;
        let mut seen = HashSet::new();
        for port in about.ins.iter().chain(&*about.outs) {
            if !seen.insert(port.name()) {
                let port = (name, port.name()).into();
                self.problems.push(Problem::DoubledPort { port });
            }
        }
        for port in &process.told {
            let known = |known: &Port| known.name() == port;
            if !about.ins.iter().any(known) {
                let port = PortId::from((name, port));
                let place = Place::Closed(port.clone());
                self.problems.push(Problem::UnknownPort {
                    place,
                    port,
                    is_input: true,
                    known: names(&about.ins),
                });
            }
        }
        if about.ins.is_empty() && !about.has_source {
            self.problems.push(Problem::NeverRuns {
                process: name.to_owned(),
            });
        }
    }

    fn connections(&mut self, connections: &[Connection]) {
        let mut seen = HashSet::new();
        for Connection { from, to, queue } in connections {
            if !seen.insert((from, to)) {
                self.problems.push(Problem::DoubledConnection {
                    from: from.clone(),
                    to: to.clone(),
                });
                continue;
            }
            let place = Place::Connect(from.clone(), to.clone());
            let ends = (self.find_out(from, &place), self.find_in(to, &place));
            let (Some((from_id, gives)), Some((to_id, takes))) = ends else {
                continue;
            };
            self.same_type(&place, (from.to_string(), gives), (to.to_string(), takes));
            self.plan.links.push(Link {
                from: from_id,
                to: to_id,
                queue: *queue,
            });
        }
    }

    fn ends(&mut self, inlets: &[Inlet], outlets: &[Outlet]) {
        const OUTSIDE: &str = "the outside";
        let mut seen = HashSet::new();
        for inlet in inlets {
            let place = Place::InPort(inlet.port.clone());
            if let Some((id, takes)) = self.find_in(&inlet.port, &place) {
                let (from, to) = (OUTSIDE.to_owned(), inlet.port.to_string());
                self.same_type(&place, (from, inlet.kind), (to, takes));
                self.plan.inlets.push((id, inlet.clone()));
            }
            self.end(&mut seen, &inlet.port, inlet.queue.is_rendezvous());
        }
        for outlet in outlets {
            let place = Place::OutPort(outlet.port.clone());
            if let Some((id, gives)) = self.find_out(&outlet.port, &place) {
                let (from, to) = (outlet.port.to_string(), OUTSIDE.to_owned());
                self.same_type(&place, (from, gives), (to, outlet.kind));
                self.plan.outlets.push((id, outlet.clone()));
            }
            self.end(&mut seen, &outlet.port, outlet.queue.is_rendezvous());
        }
    }

    fn end<'p>(&mut self, seen: &mut HashSet<&'p PortId>, port: &'p PortId, no_buffer: bool) {
        if !seen.insert(port) {
            let port = port.clone();
            self.problems.push(Problem::DoubledEnd { port });
        } else if no_buffer {
            let port = port.clone();
            self.problems.push(Problem::NoBuffer { port });
        }
    }

    fn left_open(&mut self, ports: &[PortId]) {
        for port in ports {
            self.find_in(port, &Place::LeaveOpen(port.clone()));
        }
    }

    fn unconnected(&mut self) {
        for (node, (name, process)) in self.processes.iter().enumerate() {
            for (port, about) in process.about.ins.iter().enumerate() {
                if !self.reached.contains(&InId { node, port }) {
                    let port = (name, about.name()).into();
                    self.problems.push(Problem::Unconnected { port });
                }
            }
        }
    }

    fn same_type(&mut self, place: &Place, from: (String, Kind), to: (String, Kind)) {
        if from.1 != to.1 {
            self.problems.push(Problem::WrongType {
                place: place.clone(),
                from: (from.0, from.1.name()),
                to: (to.0, to.1.name()),
            });
        }
    }

    fn find_in(&mut self, port: &PortId, place: &Place) -> Option<(InId, Kind)> {
        let (node, port, kind) = self.find(port, place, true)?;
        let id = InId { node, port };
        self.reached.insert(id);
        Some((id, kind))
    }

    fn find_out(&mut self, port: &PortId, place: &Place) -> Option<(OutId, Kind)> {
        let (node, port, kind) = self.find(port, place, false)?;
        Some((OutId { node, port }, kind))
    }

    fn find(&mut self, id: &PortId, place: &Place, input: bool) -> Option<(usize, usize, Kind)> {
        let found = (self.processes.iter()).position(|(name, _)| *name == id.process);
        let Some(node) = found else {
            let known = self.processes.iter().map(|(name, _)| name.clone());
            self.problems.push(Problem::UnknownProcess {
                place: place.clone(),
                process: id.process.clone(),
                known: known.collect(),
            });
            return None;
        };
        let about = &self.processes[node].1.about;
        let (ports, others) = if input {
            (&about.ins, &about.outs)
        } else {
            (&about.outs, &about.ins)
        };
        let named = |port: &Port| port.name() == id.port;
        if let Some(port) = ports.iter().position(named) {
            return Some((node, port, ports[port].kind));
        }
        self.problems.push(if others.iter().any(named) {
            Problem::WrongDirection {
                place: place.clone(),
                port: id.clone(),
                is_input: !input,
            }
        } else {
            Problem::UnknownPort {
                place: place.clone(),
                port: id.clone(),
                is_input: input,
                known: names(ports),
            }
        });
        None
    }
}

fn names(ports: &[Port]) -> Vec<String> {
    ports.iter().map(|port| port.name().to_owned()).collect()
}
