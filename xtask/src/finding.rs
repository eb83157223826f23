//! What a check has to say: where, what is wrong, what to do.

use std::fmt;

use serde::Serialize;

use crate::check::Check;

/// One departure from a rule.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub struct Finding {
    /// The check that found it.
    pub check: Check,
    /// The file, from the root of the workspace.
    pub path: String,
    /// The line, where one can be named.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub line: Option<usize>,
    /// What departs from the rule.
    pub message: String,
    /// What to do about it.
    pub fix: String,
}

/// Everything that a run has to say.
#[derive(Debug, Serialize)]
pub struct Report {
    /// The checks that this run has made.
    pub checks: Vec<Check>,
    /// What they found, in order of check, file and line.
    pub findings: Vec<Finding>,
}

impl Report {
    /// Sorts the findings, so that two runs over the same tree print the same.
    pub fn new(checks: &[Check], mut findings: Vec<Finding>) -> Self {
        findings.sort();
        findings.dedup();
        Self {
            checks: checks.to_vec(),
            findings,
        }
    }
}

impl fmt::Display for Report {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        for finding in &self.findings {
            write!(formatter, "{}: {}", finding.check, finding.path)?;
            if let Some(line) = finding.line {
                write!(formatter, ":{line}")?;
            }
            writeln!(formatter, ": {}", finding.message)?;
            writeln!(formatter, "    {}", finding.fix)?;
        }
        let names: Vec<String> = self.checks.iter().map(Check::to_string).collect();
        let names = names.join(", ");
        match self.findings.len() {
            0 => writeln!(formatter, "no findings ({names})"),
            1 => writeln!(formatter, "1 finding ({names})"),
            many => writeln!(formatter, "{many} findings ({names})"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn finding(path: &str, line: Option<usize>) -> Finding {
        Finding {
            check: Check::Words,
            path: path.to_owned(),
            line,
            message: "a word".to_owned(),
            fix: "remove it".to_owned(),
        }
    }

    #[test]
    fn report_is_sorted_and_says_each_thing_once() {
        let found = vec![
            finding("b", None),
            finding("a", Some(10)),
            finding("a", Some(9)),
            finding("b", None),
        ];
        let report = Report::new(&[Check::Words], found);
        let text = report.to_string();
        assert_eq!(
            text,
            "words: a:9: a word\n    remove it\nwords: a:10: a word\n    remove it\n\
             words: b: a word\n    remove it\n3 findings (words)\n"
        );
    }

    #[test]
    fn programs_get_the_same_as_people() {
        let report = Report::new(&[Check::Words], vec![finding("a", Some(1))]);
        let json = serde_json::to_value(&report).unwrap();
        assert_eq!(json["findings"][0]["check"], "words");
        assert_eq!(json["findings"][0]["line"], 1);
    }
}
