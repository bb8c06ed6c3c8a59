//! Flows of processes: core.async.flow.
