//! Programs under the simulator.

mod alt_sets;
mod broadcasts;
mod connectors;
mod leftovers_alts;
mod leftovers_outside;
mod leftovers_reports;
mod leftovers_time;
mod programs;
mod reports;
mod util;
mod waiting;
mod worlds;
