//! The little Markdown that the generated references need.

/// Text that may stand in a cell of a table: one line, no bar that ends the cell.
pub fn cell(text: &str) -> String {
    text.split_whitespace()
        .collect::<Vec<_>>()
        .join(" ")
        .replace('|', "\\|")
}

/// Code that may stand in a cell. A backtick inside needs longer fences around.
pub fn code(text: &str) -> String {
    let text = cell(text);
    if text.contains('`') {
        format!("`` {text} ``")
    } else {
        format!("`{text}`")
    }
}

/// A table with a head.
pub fn table(head: &[&str], rows: &[Vec<String>]) -> String {
    let line = |cells: &[String]| format!("| {} |\n", cells.join(" | "));
    let head_cells: Vec<String> = head.iter().map(|&one| one.to_owned()).collect();
    let rule: Vec<String> = head.iter().map(|_| "---".to_owned()).collect();
    let mut text = line(&head_cells) + &line(&rule);
    for row in rows {
        text.push_str(&line(row));
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cells_are_one_line_without_bars() {
        assert_eq!(cell("one\n\n two | three"), "one two \\| three");
        assert_eq!(code("a|b"), "`a\\|b`");
        assert_eq!(code("a`b"), "`` a`b ``");
    }

    #[test]
    fn tables_have_a_rule_under_the_head() {
        let rows = [vec!["1".to_owned(), "2".to_owned()]];
        assert_eq!(
            table(&["a", "b"], &rows),
            "| a | b |\n| --- | --- |\n| 1 | 2 |\n"
        );
    }
}
