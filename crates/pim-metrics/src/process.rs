//! Metrics of the process itself, under the names that every Prometheus client uses. Read from `/proc` at each scrape;
//! where there is none, they are left out.

use std::fmt;
use std::time::Duration;

use procfs::WithCurrentSystemInfo as _;
use procfs::process::{LimitValue, Process, Stat};
use prometheus_client::collector::Collector;
use prometheus_client::encoding::{DescriptorEncoder, EncodeMetric};
use prometheus_client::metrics::MetricType::{self, Counter, Gauge};
use prometheus_client::metrics::counter::ConstCounter;
use prometheus_client::metrics::gauge::ConstGauge;

use crate::catalogue::{FamilyCatalogue, FamilyDescription};

const CPU: FamilyDescription = plain("process_cpu_seconds", Counter, "processor time");
const RESIDENT: FamilyDescription =
    plain("process_resident_memory_bytes", Gauge, "resident memory");
const VIRTUAL: FamilyDescription = plain("process_virtual_memory_bytes", Gauge, "virtual memory");
const START: FamilyDescription = plain(
    "process_start_time_seconds",
    Gauge,
    "when the process began, since 1970",
);
const OPEN: FamilyDescription = plain("process_open_fds", Gauge, "open file descriptors");
const MOST: FamilyDescription = plain(
    "process_max_fds",
    Gauge,
    "file descriptors that may be open",
);

const fn plain(name: &'static str, kind: MetricType, meaning: &'static str) -> FamilyDescription {
    FamilyDescription::new(name, kind, &[], meaning)
}

/// Families that stand with what runs.
pub(crate) fn register(catalogue: &mut FamilyCatalogue) {
    let families = [CPU, RESIDENT, VIRTUAL, START, OPEN, MOST];
    catalogue.collector(Box::new(ProcessCollector), &families);
}

/// Reads the process at each scrape.
#[derive(Debug)]
struct ProcessCollector;

impl Collector for ProcessCollector {
    fn encode(&self, mut encoder: DescriptorEncoder) -> fmt::Result {
        let Ok(process) = Process::myself() else {
            return Ok(());
        };
        let Ok(stat) = process.stat() else {
            return Ok(());
        };
        let mut write = |family: FamilyDescription, metric: &dyn EncodeMetric| {
            metric.encode(family.begin(&mut encoder)?)
        };
        let cpu = seconds_of_ticks(stat.utime + stat.stime);
        write(CPU, &ConstCounter::new(cpu))?;
        write(RESIDENT, &ConstGauge::new(stat.rss_bytes().get()))?;
        write(VIRTUAL, &ConstGauge::new(stat.vsize))?;
        if let Some(start) = start_time(&stat) {
            write(START, &ConstGauge::new(start))?;
        }
        if let Ok(open) = process.fd_count() {
            write(OPEN, &ConstGauge::new(open))?;
        }
        let most = process.limits().map(|all| all.max_open_files.soft_limit);
        if let Ok(LimitValue::Value(most)) = most {
            write(MOST, &ConstGauge::new(most))?;
        }
        Ok(())
    }
}

fn seconds_of_ticks(ticks: u64) -> f64 {
    let milliseconds = ticks.saturating_mul(1000) / procfs::ticks_per_second().max(1);
    Duration::from_millis(milliseconds).as_secs_f64()
}

fn start_time(stat: &Stat) -> Option<f64> {
    let boot = procfs::boot_time_secs().ok()?;
    Some(Duration::from_secs(boot).as_secs_f64() + seconds_of_ticks(stat.starttime))
}
