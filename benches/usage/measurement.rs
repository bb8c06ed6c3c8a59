//! CPU time as criterion's measure: on a machine that others use too, it says more than the clock.

use std::time::{Duration, Instant};

use criterion::{
    Criterion, Throughput,
    measurement::{Measurement, ValueFormatter, WallTime},
};

/// The CPU time of the whole process (of the clock, where the system does not tell it); per operation,
/// if the bench has a throughput.
#[derive(Debug, Clone, Copy)]
pub(crate) struct CpuTime;

/// Criterion as all our benches use it.
pub(crate) fn criterion() -> Criterion<CpuTime> {
    Criterion::default()
        .with_measurement(CpuTime)
        .sample_size(10)
        .warm_up_time(Duration::from_millis(300))
        .measurement_time(Duration::from_secs(2))
}

/// A reading of either clock.
#[derive(Debug)]
pub(crate) enum Reading {
    Cpu(Duration),
    Wall(Instant),
}

impl Measurement for CpuTime {
    type Intermediate = Reading;
    type Value = Duration;

    fn start(&self) -> Reading {
        super::cpu_time().map_or_else(|| Reading::Wall(Instant::now()), Reading::Cpu)
    }

    fn end(&self, start: Reading) -> Duration {
        match start {
            // Less only if a thread has ended in between, and taken its account with it.
            Reading::Cpu(start) => super::cpu_time()
                .unwrap_or_default()
                .saturating_sub(start)
                .max(Duration::from_nanos(1)),
            Reading::Wall(start) => start.elapsed(),
        }
    }

    fn add(&self, a: &Duration, b: &Duration) -> Duration {
        *a + *b
    }

    fn zero(&self) -> Duration {
        Duration::ZERO
    }

    fn to_f64(&self, value: &Duration) -> f64 {
        WallTime.to_f64(value)
    }

    fn formatter(&self) -> &dyn ValueFormatter {
        &PerOperation
    }
}

/// Gives time per operation where criterion would give operations per time (so that the two ends of its
/// interval change places: it prints the greater first).
struct PerOperation;

impl ValueFormatter for PerOperation {
    fn scale_values(&self, typical: f64, values: &mut [f64]) -> &'static str {
        WallTime.formatter().scale_values(typical, values)
    }

    fn scale_throughputs(
        &self,
        typical: f64,
        throughput: &Throughput,
        values: &mut [f64],
    ) -> &'static str {
        let Throughput::Elements(operations) = *throughput else {
            return WallTime
                .formatter()
                .scale_throughputs(typical, throughput, values);
        };
        let operations = u32::try_from(operations).map_or(f64::INFINITY, f64::from);
        for value in values {
            *value /= operations;
        }
        "ns/op"
    }

    fn scale_for_machines(&self, values: &mut [f64]) -> &'static str {
        WallTime.formatter().scale_for_machines(values)
    }
}
