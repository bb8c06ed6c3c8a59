//! Programs under the simulator.

mod broadcasts;
mod connectors;
mod programs;
mod reports;
mod speed;
mod waiting;
mod worlds;
