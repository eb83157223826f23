//! Metrics of the process itself, under the names that every Prometheus client uses. Read from `/proc` at each scrape;
//! where there is none, they are left out.

use std::fmt;
use std::time::Duration;

use procfs::WithCurrentSystemInfo as _;
use procfs::process::{LimitValue, Process, Stat};
use prometheus_client::collector::Collector;
use prometheus_client::encoding::{DescriptorEncoder, EncodeMetric};
use prometheus_client::metrics::counter::ConstCounter;
use prometheus_client::metrics::gauge::ConstGauge;

/// Reads the process at each scrape.
#[derive(Debug)]
pub(super) struct ProcessCollector;

impl Collector for ProcessCollector {
    fn encode(&self, mut encoder: DescriptorEncoder) -> fmt::Result {
        let Ok(process) = Process::myself() else {
            return Ok(());
        };
        let Ok(stat) = process.stat() else {
            return Ok(());
        };
        let mut write = |name: &str, help: &str, metric: &dyn EncodeMetric| {
            let encoder = encoder.encode_descriptor(name, help, None, metric.metric_type())?;
            metric.encode(encoder)
        };
        let cpu = seconds_of_ticks(stat.utime + stat.stime);
        write(
            "process_cpu_seconds",
            "Processor time of the process",
            &ConstCounter::new(cpu),
        )?;
        let resident = stat.rss_bytes().get();
        write(
            "process_resident_memory_bytes",
            "Resident memory of the process",
            &ConstGauge::new(resident),
        )?;
        write(
            "process_virtual_memory_bytes",
            "Virtual memory of the process",
            &ConstGauge::new(stat.vsize),
        )?;
        if let Some(start) = start_time(&stat) {
            write(
                "process_start_time_seconds",
                "When the process began, since 1970",
                &ConstGauge::new(start),
            )?;
        }
        if let Ok(open) = process.fd_count() {
            write(
                "process_open_fds",
                "Open file descriptors",
                &ConstGauge::new(open),
            )?;
        }
        if let Ok(LimitValue::Value(most)) = process
            .limits()
            .map(|limits| limits.max_open_files.soft_limit)
        {
            write(
                "process_max_fds",
                "File descriptors that may be open",
                &ConstGauge::new(most),
            )?;
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
