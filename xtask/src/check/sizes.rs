//! A Rust file says in its first line what it is for, and is short enough to be read in one go.

use crate::check::Check;
use crate::check::source;
use crate::finding::Finding;
use crate::workspace::TextFile;

/// Lines a file may have beside its tests.
const LIMIT: usize = 400;

/// Checks every Rust file.
pub fn findings(files: &[TextFile]) -> Vec<Finding> {
    files
        .iter()
        .filter(|file| file.is_rust())
        .flat_map(|file| [opening(file), length(file)])
        .flatten()
        .collect()
}

fn opening(file: &TextFile) -> Option<Finding> {
    (!file.text.starts_with("//!")).then(|| Finding {
        check: Check::Sizes,
        path: file.path.clone(),
        line: Some(1),
        message: "does not begin with `//!`".to_owned(),
        fix: "say in the first lines what belongs here and what may not".to_owned(),
    })
}

fn length(file: &TextFile) -> Option<Finding> {
    if source::is_test_file(&file.path) {
        return None;
    }
    let all = file.text.lines().count();
    let tests = syn::parse_file(&file.text).map_or(0, |parsed| source::test_lines(&parsed));
    let own = all.saturating_sub(tests);
    (own > LIMIT).then(|| Finding {
        check: Check::Sizes,
        path: file.path.clone(),
        line: None,
        message: format!("has {own} lines beside its tests; the limit is {LIMIT}"),
        fix: "split it by noun".to_owned(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(path: &str, text: &str) -> Vec<String> {
        findings(&TextFile::of(&[(path, text)]))
            .into_iter()
            .map(|finding| finding.message)
            .collect()
    }

    fn functions(count: usize) -> String {
        "fn f() {}
"
        .repeat(count)
    }

    #[test]
    fn a_file_opens_with_its_purpose() {
        assert_eq!(
            found("src/a.rs", "fn f() {}\n"),
            ["does not begin with `//!`"]
        );
        assert!(found("src/a.rs", "//! What it is.\n").is_empty());
    }

    #[test]
    fn tests_do_not_count_towards_the_limit() {
        let tests = format!("#[cfg(test)]\nmod tests {{\n{}}}\n", functions(300));
        let text = format!("//! What it is.\n{}{tests}", functions(LIMIT - 1));
        assert_eq!(found("src/a.rs", &text), Vec::<String>::new());
    }

    #[test]
    fn a_long_file_is_named_with_its_length() {
        let text = format!("//! What it is.\n{}", functions(LIMIT));
        assert_eq!(
            found("src/a.rs", &text),
            ["has 401 lines beside its tests; the limit is 400"]
        );
        assert_eq!(found("tests/a.rs", &text), Vec::<String>::new());
    }
}
