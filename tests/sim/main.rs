//! Programs under the simulator.

mod broadcasts;
mod connectors;
mod programs;
mod reports;
mod waiting;
mod worlds;
