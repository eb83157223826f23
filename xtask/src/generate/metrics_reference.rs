//! The reference of metrics, `docs/reference/metrics.md`, from what the operator registers.

use std::collections::BTreeSet;

use entra_client::Lane;
use pim_metrics::{FamilyDescription, LabelDescription, Metrics, ObjectSeries};

use super::artefact::{Artefact, NOTICE};
use super::markdown::{cell, code, table};

const PATH: &str = "docs/reference/metrics.md";

/// The label whose values the client of a tenant lists.
const LANE: &str = "lane";

/// The page for all metrics.
pub fn artefact() -> Artefact {
    let metrics = Metrics::new(ObjectSeries::Enabled);
    let head = format!(
        "<!-- {NOTICE} -->\n\n# Reference of metrics\n\n\
         Every metric that the operator serves. Where, and what to ask of them, stands in [metrics](../metrics.md).\n"
    );
    let sections = metrics.sections().iter().map(|section| {
        let rows: Vec<Vec<String>> = section.families.iter().map(family).collect();
        let columns = ["Metric", "Type", "Labels", "Meaning"];
        format!("\n## {}\n\n{}", section.title, table(&columns, &rows))
    });
    let families = metrics.sections().iter().flat_map(|one| &one.families);
    let labels: BTreeSet<&LabelDescription> = families
        .flat_map(pim_metrics::FamilyDescription::labels)
        .collect();
    let rows: Vec<Vec<String>> = labels.into_iter().flat_map(label).collect();
    let labels = table(&["Label", "Value", "Meaning"], &rows);
    Artefact {
        path: PATH.to_owned(),
        text: format!(
            "{head}{}\n## Labels\n\n{labels}",
            sections.collect::<String>()
        ),
    }
}

fn family(one: &FamilyDescription) -> Vec<String> {
    let labels: Vec<String> = one.labels().iter().map(|label| code(label.name)).collect();
    vec![
        code(&one.name()),
        one.kind().to_owned(),
        labels.join(", "),
        cell(one.meaning()),
    ]
}

/// A row for what a label tells, and one for each of its values.
fn label(one: &LabelDescription) -> Vec<Vec<String>> {
    let mut values = one.values.to_vec();
    if one.name == LANE {
        values.extend(Lane::ALL.iter().map(|lane| (lane.as_str(), lane.meaning())));
    }
    let told = vec![code(one.name), String::new(), cell(one.meaning)];
    let values = values
        .iter()
        .map(|(value, meaning)| vec![String::new(), code(value), cell(meaning)]);
    std::iter::once(told).chain(values).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_family_without_a_series_stands_with_its_labels_and_their_values() {
        let text = artefact().text;
        for row in [
            "| `entra_pim_token_refresh_total` | counter | `tenant`, `outcome` | requests for a token |",
            "| `entra_pim_resource_ready` | gauge | `kind`, `namespace`, `name` | ",
            "| `process_max_fds` | gauge |  | ",
            "| `outcome` |  | what became of a request for a token |",
            "|  | `audit_log` | in the audit log |",
            "|  | `azure_roles` | ",
        ] {
            assert!(text.contains(row), "no {row} in\n{text}");
        }
    }
}
