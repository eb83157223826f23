//! Words that gave way to the terms of the field. One word for one thing: whoever writes an old one learns the new one
//! here.

use crate::check::Check;
use crate::check::words::stands_alone;
use crate::finding::Finding;
use crate::workspace::TextFile;

/// An old word as it stood in names of types or functions, and what it is called now.
const NAMES: &[(&str, &str)] = &[
    ("Chance", "Jitter"),
    ("Customs", "EngineOptions"),
    ("Departure", "PendingRevocation"),
    ("Faded", "Ended"),
    ("Footing", "GrantTarget"),
    ("Ground", "CleanupTarget"),
    ("Landed", "Completed"),
    ("LastLook", "Snapshot"),
    ("Memo", "GrantRecord"),
    ("Pace", "Retry"),
    ("Phantom", "OrphanedSchedule"),
    ("Placing", "NewSchedule"),
    ("RoleKey", "RoleTarget"),
    ("Secretive", "ClientSecret"),
    ("Settlement", "LastReport"),
    ("Sheet", "VerdictBuilder"),
    ("Strike", "FaultPoint"),
];

/// Words for persons, who are "they" or "the user" in comments and messages.
const PERSONS: &[&str] = &[
    "he", "him", "his", "she", "her", "hers", "himself", "herself",
];

/// Where the words themselves stand.
const OWN: &str = "xtask/src/check/retired.rs";

/// Checks every Rust file.
pub fn findings(files: &[TextFile]) -> Vec<Finding> {
    let rust = files
        .iter()
        .filter(|file| file.is_rust() && file.path != OWN);
    rust.flat_map(in_file).collect()
}

fn in_file(file: &TextFile) -> Vec<Finding> {
    let mut found = Vec::new();
    for (index, line) in file.text.lines().enumerate() {
        let mut note = |word: &str, instead: &str| {
            found.push(Finding {
                check: Check::Retired,
                path: file.path.clone(),
                line: Some(index + 1),
                message: format!("`{word}` is not used any more"),
                fix: format!("write {instead}"),
            });
        };
        for (word, instead) in NAMES {
            if stands_alone(line, word) {
                note(word, instead);
            }
        }
        let comment = line.split_once("//").map_or("", |(_, comment)| comment);
        let comment = comment.to_ascii_lowercase();
        for person in PERSONS {
            if stands_alone(&comment, person) {
                note(person, "\"they\", \"them\", \"their\"");
            }
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(text: &str) -> Vec<String> {
        findings(&TextFile::of(&[("src/a.rs", text)]))
            .into_iter()
            .map(|finding| format!("{}: {}", finding.line.unwrap_or_default(), finding.message))
            .collect()
    }

    #[test]
    fn an_old_name_is_found_as_a_whole_word() {
        let (word, _) = NAMES[0];
        let text = format!("struct {word};\nstruct My{word};\nlet a: {word}<u8>;\n");
        let message = format!("`{word}` is not used any more");
        assert_eq!(
            found(&text),
            [format!("1: {message}"), format!("3: {message}")]
        );
    }

    #[test]
    fn persons_are_they_in_comments() {
        assert_eq!(
            found("// nobody but him\n"),
            ["1: `him` is not used any more"]
        );
        assert!(found("let he = 1; // the other\n").is_empty());
    }
}
