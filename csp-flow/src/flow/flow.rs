//! [`Flow`]: a definition that was checked.

use std::fmt;

use super::{
    describe::Description,
    dot,
    ends::{Inlet, Outlet},
    error::StartError,
    process::Blueprint,
    queue::Queue,
    running::Running,
    start,
};
use crate::sync::plain::Arc;

/// A flow that was checked, and can be started, any number of times: made by
/// [`FlowDef::build`](super::FlowDef::build).
///
/// Each start gives a flow of its own, with new processes and channels; so a flow that was stopped is started
/// again just so, and two may run at the same time.
///
/// ```
/// use csp::flow::{self, FlowDef};
/// let flow = FlowDef::new("ticks")
///     .process("ticks", flow::source(|| 1..=3_u32))
///     .out_port::<u32>(("ticks", "out"), 1)
///     .build()
///     .unwrap();
/// for _ in 0..2 {
///     let mut run = flow.start().unwrap();
///     let ticks = run.out_port::<u32>(("ticks", "out")).unwrap();
///     assert_eq!(ticks.into_iter().count(), 3);
/// }
/// ```
#[derive(Clone)]
pub struct Flow {
    pub(super) plan: Arc<Plan>,
}

/// A definition with indices for names.
#[derive(Default)]
pub(crate) struct Plan {
    pub(crate) name: String,
    pub(crate) nodes: Vec<Node>,
    pub(crate) links: Vec<Link>,
    pub(crate) inlets: Vec<(InId, Inlet)>,
    pub(crate) outlets: Vec<(OutId, Outlet)>,
}

pub(crate) struct Node {
    pub(crate) name: Arc<str>,
    pub(crate) about: Arc<Description>,
    pub(crate) blueprint: Arc<dyn Blueprint>,
}

pub(crate) struct Link {
    pub(crate) from: OutId,
    pub(crate) to: InId,
    pub(crate) queue: Queue,
}

/// An in-port: the index of its process, and its own there.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) struct InId {
    pub(crate) node: usize,
    pub(crate) port: usize,
}

/// An out-port.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) struct OutId {
    pub(crate) node: usize,
    pub(crate) port: usize,
}

impl Flow {
    pub(super) fn new(plan: Plan) -> Self {
        Self {
            plan: Arc::new(plan),
        }
    }

    /// Its name.
    pub fn name(&self) -> &str {
        &self.plan.name
    }

    /// Its processes, in the order of the definition: name, and what each says of itself.
    pub fn processes(&self) -> impl Iterator<Item = (&str, &Description)> {
        (self.plan.nodes.iter()).map(|node| (&*node.name, &*node.about))
    }

    /// What a process says of itself, if there is one of that name.
    pub fn describe(&self, process: &str) -> Option<&Description> {
        let mut processes = self.processes();
        processes.find_map(|(name, about)| (name == process).then_some(about))
    }

    /// Starts the flow: its processes are made, and run.
    ///
    /// The processes become go blocks on the runtime that is current here. (On a [`Local`](csp_sched::Local)
    /// those that run [in place](super::Describe::in_place) do; the others' steps go to the default runtime's
    /// threads.) Each is made anew, and every [`Step::init`](super::Step::init) is called on this thread,
    /// before anything runs.
    ///
    /// # Errors
    /// [`StartError`]: a process could not be made, or its `init` failed or panicked. Nothing runs then;
    /// those that were ready already had their [`Transition::Stop`](super::Transition::Stop).
    pub fn start(&self) -> Result<Running, StartError> {
        let running = self.start_paused()?;
        running.resume();
        Ok(running)
    }

    /// As [`start`](Self::start), with all processes paused, as core.async starts them: to
    /// [`inject`](Running::inject) something first, say. Go on with [`Running::resume`].
    ///
    /// # Errors
    /// As for [`start`](Self::start).
    pub fn start_paused(&self) -> Result<Running, StartError> {
        start::start(&self.plan)
    }

    /// The definition as a graph in Graphviz's DOT language: for `dot -Tsvg`, say.
    ///
    /// Processes are tables, in-ports on the left, out-ports on the right; connections have the type of their
    /// messages and their buffer.
    pub fn to_dot(&self) -> String {
        dot::draw(&self.plan)
    }
}

impl fmt::Debug for Flow {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Flow")
            .field("name", &self.plan.name)
            .field("processes", &self.plan.nodes)
            .field("connections", &Connections(&self.plan))
            .finish()
    }
}

impl fmt::Debug for Node {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Process")
            .field(&self.name)
            .field(&self.about)
            .finish()
    }
}

struct Connections<'a>(&'a Plan);

impl fmt::Debug for Connections<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let plan = self.0;
        let mut list = f.debug_list();
        for (id, inlet) in &plan.inlets {
            list.entry(&format_args!(
                "the outside to {} ({})",
                plan.in_name(*id),
                inlet.queue
            ));
        }
        for link in &plan.links {
            let (from, to) = (plan.out_name(link.from), plan.in_name(link.to));
            list.entry(&format_args!("{from} to {to} ({})", link.queue));
        }
        for (id, outlet) in &plan.outlets {
            list.entry(&format_args!(
                "{} to the outside ({})",
                plan.out_name(*id),
                outlet.queue
            ));
        }
        list.finish()
    }
}

impl Plan {
    pub(crate) fn in_name(&self, InId { node, port }: InId) -> String {
        let node = &self.nodes[node];
        format!("{}.{}", node.name, node.about.ins[port].name())
    }

    pub(crate) fn out_name(&self, OutId { node, port }: OutId) -> String {
        let node = &self.nodes[node];
        format!("{}.{}", node.name, node.about.outs[port].name())
    }
}
