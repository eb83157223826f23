//! Words and addresses that may not stand in the tree: paths of one machine, package registries of one
//! network, notes to oneself.

use crate::check::Check;
use crate::finding::Finding;
use crate::workspace::TextFile;

/// This list has to spell out what it looks for.
const EXEMPT: &str = "xtask/src/check/words.rs";

/// Where Rust crates come from.
const CRATES_IO: &str = "registry+https://github.com/rust-lang/crates.io-index";

/// What is looked for, and why it may not be there.
struct Word {
    text: &'static str,
    why: &'static str,
    fix: &'static str,
}

const MACHINE: &str = "is a path of one machine";
const MACHINE_FIX: &str = "use a path inside the repository, or one that the user names";
const REGISTRY: &str = "is the address of a package registry";
const REGISTRY_FIX: &str = "leave the choice of registry to the tools of whoever builds";
const NOTE: &str = "is a note to oneself";
const NOTE_FIX: &str = "do it, or say in the issue tracker what is missing";

const WORDS: &[Word] = &[
    word("/work/", MACHINE, MACHINE_FIX),
    word("/root/", MACHINE, MACHINE_FIX),
    word("../shared", MACHINE, MACHINE_FIX),
    word("index.crates.io", REGISTRY, REGISTRY_FIX),
    word("static.crates.io", REGISTRY, REGISTRY_FIX),
    word("proxy.golang.org", REGISTRY, REGISTRY_FIX),
    word("sum.golang.org", REGISTRY, REGISTRY_FIX),
    word("registry.npmjs.org", REGISTRY, REGISTRY_FIX),
    word("pypi.org", REGISTRY, REGISTRY_FIX),
    word("artifactory", REGISTRY, REGISTRY_FIX),
    word("TODO", NOTE, NOTE_FIX),
    word("FIXME", NOTE, NOTE_FIX),
];

const fn word(text: &'static str, why: &'static str, fix: &'static str) -> Word {
    Word { text, why, fix }
}

/// Looks at every text file.
pub fn findings(files: &[TextFile]) -> Vec<Finding> {
    files
        .iter()
        .filter(|file| file.path != EXEMPT)
        .flat_map(in_file)
        .collect()
}

fn in_file(file: &TextFile) -> Vec<Finding> {
    let mut found = Vec::new();
    for (index, line) in file.text.lines().enumerate() {
        let mut note = |message: String, fix: &str| {
            found.push(Finding {
                check: Check::Words,
                path: file.path.clone(),
                line: Some(index + 1),
                message,
                fix: fix.to_owned(),
            });
        };
        for word in WORDS.iter().filter(|word| contains(line, word.text)) {
            note(format!("`{}` {}", word.text, word.why), word.fix);
        }
        if file.path.ends_with("Cargo.lock") && is_foreign_source(line) {
            note(
                "a crate comes from elsewhere than crates.io".to_owned(),
                "resolve it against crates.io and commit that lock file",
            );
        }
        if file.path.starts_with(".cargo/") && is_registry_table(line) {
            note(
                "replaces the source of crates for everybody".to_owned(),
                "keep it in the configuration of the machine",
            );
        }
    }
    found
}

/// Whether the word stands in the line. Words made of letters must stand alone: `TODOS` is another word.
fn contains(line: &str, word: &str) -> bool {
    let letters = |text: &str| text.bytes().all(|byte| byte.is_ascii_alphabetic());
    line.match_indices(word).any(|(start, _)| {
        let touches = |character: Option<char>| {
            character.is_some_and(|one| one.is_alphanumeric() || one == '_')
        };
        !letters(word)
            || !(touches(line[..start].chars().next_back())
                || touches(line[start + word.len()..].chars().next()))
    })
}

fn is_foreign_source(line: &str) -> bool {
    line.strip_prefix("source = ")
        .is_some_and(|source| source.trim_matches('"') != CRATES_IO)
}

fn is_registry_table(line: &str) -> bool {
    ["[source", "[registries", "[registry"]
        .iter()
        .any(|table| line.trim_start().starts_with(table))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(path: &str, text: &str) -> Vec<String> {
        let file = TextFile {
            path: path.to_owned(),
            text: text.to_owned(),
        };
        findings(&[file])
            .into_iter()
            .map(|finding| format!("{}: {}", finding.line.unwrap_or_default(), finding.message))
            .collect()
    }

    #[test]
    fn machine_paths_and_notes_are_found_with_their_line() {
        assert_eq!(
            found("docs/a.md", "fine\nsee /work/main\n// TODO: later\n"),
            [
                "2: `/work/` is a path of one machine",
                "3: `TODO` is a note to oneself"
            ]
        );
    }

    #[test]
    fn a_word_inside_another_word_is_another_word() {
        assert!(found("a.rs", "let TODOS = 1; // mastodon, FIXMES, A_TODO").is_empty());
        assert_eq!(found("a.rs", "// (FIXME)").len(), 1);
    }

    #[test]
    fn lock_file_names_crates_io_only() {
        let good = "source = \"registry+https://github.com/rust-lang/crates.io-index\"";
        assert!(found("Cargo.lock", good).is_empty());
        let bad = "source = \"registry+https://mirror.example.com/index\"";
        assert_eq!(found("Cargo.lock", bad).len(), 1);
    }

    #[test]
    fn cargo_configuration_does_not_replace_sources() {
        assert_eq!(
            found(".cargo/config.toml", "[source.crates-io]"),
            ["1: replaces the source of crates for everybody"]
        );
        assert!(found(".cargo/config.toml", "[alias]").is_empty());
    }

    #[test]
    fn the_list_itself_is_exempt() {
        assert!(found(EXEMPT, "/work/").is_empty());
    }
}
