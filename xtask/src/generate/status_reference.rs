//! The references of what the operator says of objects, `docs/reference/conditions.md` and `docs/reference/events.md`, from
//! the lists that the operator takes its words from.

use anyhow::Context as _;
use pim_core::desired::ObjectKind;
use pim_core::event::{EventReason, Severity};
use pim_core::reason::{ConditionType, Reason};

use super::artefact::{Artefact, NOTICE};
use super::markdown::{cell, code, table};
use crate::workspace::Workspace;

const CONDITIONS: &str = "docs/reference/conditions.md";
const EVENTS: &str = "docs/reference/events.md";

/// Both pages.
pub fn artefacts(workspace: &Workspace) -> anyhow::Result<[Artefact; 2]> {
    let page = |path: &str, text: String| Artefact {
        path: path.to_owned(),
        text: format!("<!-- {NOTICE} -->\n\n{text}"),
    };
    let conditions = conditions(&|guide| title(workspace, guide))?;
    Ok([page(CONDITIONS, conditions), page(EVENTS, events())])
}

/// The title of a guide by its name under `docs/`.
type Titles<'a> = &'a dyn Fn(&str) -> anyhow::Result<String>;

fn title(workspace: &Workspace, guide: &str) -> anyhow::Result<String> {
    let path = format!("docs/{guide}.md");
    let text = workspace.read(&path)?;
    let title = text.lines().find_map(|line| line.strip_prefix("# "));
    let title = title.with_context(|| format!("{path} has no title"))?;
    Ok(title.to_owned())
}

fn conditions(titles: Titles<'_>) -> anyhow::Result<String> {
    let types = ConditionType::ALL.iter().map(|one| {
        let meaning = with_guides(one.meaning(), one.guides(), titles)?;
        Ok(vec![code(one.as_str()), kinds(one.kinds()), meaning])
    });
    let reasons = Reason::ALL.iter().map(|one| {
        let remedy = with_guides(one.remedy(), one.guides(), titles)?;
        Ok(vec![code(one.as_str()), cell(one.meaning()), remedy])
    });
    let types: Vec<Vec<String>> = types.collect::<anyhow::Result<_>>()?;
    let reasons: Vec<Vec<String>> = reasons.collect::<anyhow::Result<_>>()?;
    Ok(format!(
        "# Reference of conditions\n\n\
         Every condition that status has, and every reason that a condition or a problem gives. How to read and to wait for them\n\
         stands in [conditions and reasons](../conditions-and-reasons.md).\n\n\
         ## Conditions\n\n{}\n\
         ## Reasons\n\n\
         \"Passes by itself\" means that the operator tries again; nothing has to be done.\n\n{}",
        table(&["Type", "On", "True means"], &types),
        table(&["Reason", "Means", "What to do"], &reasons),
    ))
}

fn events() -> String {
    let rows: Vec<Vec<String>> = EventReason::ALL
        .iter()
        .map(|one| {
            let severity = match one.severity() {
                Severity::Normal => "",
                Severity::Warning => "yes",
            };
            vec![
                code(one.as_str()),
                kinds(one.kinds()),
                severity.to_owned(),
                cell(one.tells()),
            ]
        })
        .collect();
    format!(
        "# Reference of events\n\n\
         `kubectl events` tells what happened, in names, one thing each. Warnings want somebody's eyes. The reasons that some of\n\
         them are named after stand in the [reference of conditions](conditions.md#reasons).\n\n{}",
        table(&["Reason", "On", "Warning", "Tells"], &rows),
    )
}

/// The kinds of objects, by name.
fn kinds(kinds: &[ObjectKind]) -> String {
    if kinds == ObjectKind::ALL {
        return "all kinds".to_owned();
    }
    let names: Vec<String> = kinds.iter().map(|kind| code(kind.as_str())).collect();
    names.join(", ")
}

/// A text with links to the guides that say more.
fn with_guides(text: &str, guides: &[&str], titles: Titles<'_>) -> anyhow::Result<String> {
    let links = guides
        .iter()
        .map(|guide| Ok(format!("[{}](../{guide}.md)", titles(guide)?)));
    let links: Vec<String> = links.collect::<anyhow::Result<_>>()?;
    Ok(if links.is_empty() {
        cell(text)
    } else {
        format!("{}; see {}", cell(text), links.join(" and "))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_row_names_kinds_and_links_what_says_more() {
        let conditions = conditions(&|guide| Ok(guide.to_uppercase())).unwrap();
        for row in [
            "| `Ready` | all kinds | ",
            "| `Bound` | `RoleBinding` | the group holds the role as declared |",
            "names; see [PERMISSIONS](../permissions.md) and [AZURE-ROLES](../azure-roles.md) |",
        ] {
            assert!(conditions.contains(row), "no {row} in\n{conditions}");
        }
        let events = events();
        for row in [
            "| `RoleLeft` | `RoleBinding` | yes | ",
            "| `GroupCreated` | `PrivilegedGroup` |  | ",
        ] {
            assert!(events.contains(row), "no {row} in\n{events}");
        }
    }

    #[test]
    fn a_guide_that_does_not_exist_is_no_guide() {
        assert!(title(&Workspace::locate().unwrap(), "no-such-guide").is_err());
    }
}
