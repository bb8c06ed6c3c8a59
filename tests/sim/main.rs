//! Programs under the simulator.

mod speed;
mod worlds;
