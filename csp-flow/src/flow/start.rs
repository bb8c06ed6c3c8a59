//! From a plan to a flow that runs.

use csp_core::{chan, sliding};
use csp_sched::go;

use super::{
    desk::desk,
    ends::OuterEnd,
    error::StartError,
    flow::{InId, OutId, Plan},
    guard::{dispose, guard},
    process::Body,
    runner::{Common, Runner},
    running::Running,
    station::{InEnd, OutEnd, Station},
    step::Transition,
    turns::on_threads,
};
use crate::sync::plain::Arc;

/// How many errors and reports are kept that nobody has taken yet, as in core.async.
const KEPT: usize = 100;
/// The peer of a port that leads to the outside.
const OUTSIDE: &str = "outside";

pub(crate) fn start(plan: &Arc<Plan>) -> Result<Running, StartError> {
    let bodies = make_bodies(plan)?;
    let Wired {
        stations,
        inlets,
        outlets,
    } = wire(plan);
    let (errors_tx, errors) = chan(sliding(KEPT));
    let (reports_tx, reports) = chan(sliding(KEPT));
    let (alive, ended) = chan(0);
    let common = Common {
        errors: errors_tx,
        reports: reports_tx,
        alive,
    };
    let stations: Arc<[Arc<Station>]> = stations.into_iter().map(Arc::new).collect();
    let desks = (stations.iter().zip(bodies))
        .map(|(station, body)| {
            let (desk, inbox) = desk();
            let runner = Runner::new(Arc::clone(station), body, inbox, common.clone());
            drop(match station.about.workload {
                None => go(runner.live()),
                Some(workload) => go(on_threads(workload, runner.live())),
            });
            desk
        })
        .collect();
    Ok(Running {
        desks,
        plan: Arc::clone(plan),
        stations,
        inlets,
        outlets,
        errors,
        reports,
        ended,
    })
}

/// Makes every process ready, before any runs.
fn make_bodies(plan: &Plan) -> Result<Vec<Box<dyn Body>>, StartError> {
    let mut bodies: Vec<Box<dyn Body>> = Vec::new();
    for node in &plan.nodes {
        let made = guard(|| Ok(node.blueprint.make())).and_then(|mut body| {
            let ready = guard(|| body.init());
            bodies.push(body);
            ready
        });
        if let Err(fault) = made {
            for mut body in bodies {
                // The fault that is told is the first.
                guard(|| body.transition(Transition::Stop)).ok();
                dispose(body);
            }
            return Err(StartError {
                process: Arc::clone(&node.name),
                fault,
            });
        }
    }
    Ok(bodies)
}

struct Wired {
    stations: Vec<Station>,
    inlets: Vec<(InId, Option<OuterEnd>)>,
    outlets: Vec<(OutId, Option<OuterEnd>)>,
}

/// Makes the channels.
fn wire(plan: &Plan) -> Wired {
    let mut stations: Vec<Station> = (plan.nodes.iter())
        .map(|node| Station::new(Arc::clone(&node.name), Arc::clone(&node.about)))
        .collect();
    for link in &plan.links {
        let (from, to) = (plan.out_name(link.from), plan.in_name(link.to));
        let (tx, rx) = chan(link.queue.buffer());
        let tx = tx.named(format!("{from} to {to}"));
        stations[link.from.node].outs[link.from.port].push(OutEnd { peer: to, tx });
        stations[link.to.node].ins.push(InEnd {
            port: link.to.port,
            peer: from,
            rx,
        });
    }
    let inlets = (plan.inlets.iter())
        .map(|(id, inlet)| {
            let (outer, rx) = inlet.make();
            let rx = rx.named(format!("{OUTSIDE} to {}", inlet.port));
            stations[id.node].ins.push(InEnd {
                port: id.port,
                peer: OUTSIDE.to_owned(),
                rx,
            });
            (*id, Some(outer))
        })
        .collect();
    let outlets = (plan.outlets.iter())
        .map(|(id, outlet)| {
            let (tx, outer) = outlet.make();
            let tx = tx.named(format!("{} to {OUTSIDE}", outlet.port));
            stations[id.node].outs[id.port].push(OutEnd {
                peer: OUTSIDE.to_owned(),
                tx,
            });
            (*id, Some(outer))
        })
        .collect();
    Wired {
        stations,
        inlets,
        outlets,
    }
}
