//! The report as a table for people: each figure beside its goal.

use std::fmt::Write as _;

use super::figures::{Figures, Measured, Report};

const WIDTHS: [usize; 10] = [20, 16, 14, 6, 12, 10, 16, 14, 10, 10];
const HEAD: [&str; 10] = [
    "phase",
    "operations",
    "requests",
    "TLS",
    "writes",
    "to k8s",
    "seconds",
    "MiB",
    "peak MiB",
    "% of a core",
];

/// Renders a report as a table for people.
pub fn render(report: &Report) -> String {
    let mut text = String::new();
    for measured in &report.cases {
        case(&mut text, measured);
    }
    text.push_str("(goal in parentheses; ! marks one that was missed)");
    text
}

fn case(text: &mut String, measured: &Measured) {
    let _ = writeln!(
        text,
        "{}: {} groups, {} eligibilities as {} objects, {} ms for each request",
        measured.case,
        measured.groups,
        measured.eligibilities,
        measured.assignment_objects,
        measured.latency_ms
    );
    row(text, &HEAD.map(str::to_owned));
    for figures in &measured.phases {
        row(text, &cells(figures));
    }
    text.push('\n');
}

fn cells(figures: &Figures) -> [String; 10] {
    let goal = &figures.goal;
    let memory = mebibytes(figures.resident_kib);
    [
        figures.phase.name().to_owned(),
        counted(figures.operations, goal.operations),
        counted(figures.requests, goal.requests),
        figures.handshakes.to_string(),
        counted(figures.writes, goal.writes),
        figures.kubernetes_writes.to_string(),
        measured(
            format!("{:.2}", figures.seconds),
            figures.seconds,
            goal.seconds,
        ),
        match goal.resident_kib {
            Some(goal) if figures.resident_kib > goal => {
                format!("{memory} ({}) !", mebibytes(goal))
            }
            Some(goal) => format!("{memory} ({})", mebibytes(goal)),
            None => memory,
        },
        mebibytes(figures.peak_resident_kib),
        measured(
            format!("{:.1}", figures.core_percent),
            figures.core_percent,
            goal.core_percent,
        ),
    ]
}

fn measured(shown: String, figure: f64, goal: Option<f64>) -> String {
    match goal {
        Some(goal) if figure > goal => format!("{shown} ({goal}) !"),
        Some(goal) => format!("{shown} ({goal})"),
        None => shown,
    }
}

fn counted(figure: u64, goal: Option<u64>) -> String {
    match goal {
        Some(goal) if figure > goal => format!("{figure} ({goal}) !"),
        Some(goal) => format!("{figure} ({goal})"),
        None => figure.to_string(),
    }
}

/// With one digit, rounded to the nearest.
fn mebibytes(kib: u64) -> String {
    let tenths = (kib * 10 + 512) / 1024;
    format!("{}.{}", tenths / 10, tenths % 10)
}

fn row(text: &mut String, cells: &[String; 10]) {
    let mut line = String::new();
    for (cell, width) in cells.iter().zip(WIDTHS) {
        let _ = write!(line, "  {cell:<width$}");
    }
    let _ = writeln!(text, "{}", line.trim_end());
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::*;
    use crate::case::Phase;
    use crate::goals::Goal;

    #[test]
    fn a_missed_goal_is_marked_and_a_reached_one_is_not() {
        assert_eq!(counted(46, Some(45)), "46 (45) !");
        assert_eq!(counted(45, Some(45)), "45 (45)");
        assert_eq!(counted(45, None), "45");
    }

    #[test]
    fn a_row_shows_every_figure() {
        let figures = Figures {
            phase: Phase::Unchanged,
            operations: 42,
            requests: 4,
            handshakes: 1,
            writes: 0,
            kubernetes_writes: 16,
            seconds: 2.34,
            resident_kib: 15_000,
            peak_resident_kib: 20_000,
            core_percent: 7.0,
            asked: BTreeMap::new(),
            goal: Goal {
                operations: Some(45),
                seconds: Some(2.0),
                ..Goal::default()
            },
        };
        let expected = [
            "unchanged",
            "42 (45)",
            "4",
            "1",
            "0",
            "16",
            "2.34 (2) !",
            "14.6",
            "19.5",
            "7.0",
        ];
        assert_eq!(cells(&figures), expected.map(str::to_owned));
    }
}
