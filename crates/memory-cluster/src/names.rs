//! The grammar of names: DNS subdomains, qualified names, label values.
//!
//! `kubernetes.io: object names and IDs; labels and selectors, syntax and character set`.

/// What is wrong with the name of an object, one line for each fault.
pub(super) fn subdomain_faults(name: &str) -> Vec<&'static str> {
    let fits = name.len() <= 253 && name.split('.').all(is_dns_label);
    if fits {
        Vec::new()
    } else {
        vec![
            "a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, '-' or '.'",
        ]
    }
}

/// What is wrong with a name of the form `prefix/name` or `name`.
pub(super) fn qualified_faults(text: &str) -> Vec<&'static str> {
    let (prefix, name) = match text.split_once('/') {
        None => (None, text),
        Some((_, name)) if name.contains('/') => {
            return vec!["a qualified name has at most one '/'"];
        }
        Some((prefix, name)) => (Some(prefix), name),
    };
    let mut faults = Vec::new();
    match prefix {
        Some("") => faults.push("prefix part must be non-empty"),
        Some(prefix) => faults.extend(subdomain_faults(prefix)),
        None => {}
    }
    match name.len() {
        0 => faults.push("name part must be non-empty"),
        1..=63 => {}
        _ => faults.push("name part must be no more than 63 bytes"),
    }
    if !is_word(name) {
        faults.push("name part must consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric character");
    }
    faults
}

/// What is wrong with the value of a label; empty is fine.
pub(super) fn label_value_faults(value: &str) -> Vec<&'static str> {
    let mut faults = Vec::new();
    if value.len() > 63 {
        faults.push("must be no more than 63 bytes");
    }
    if !value.is_empty() && !is_word(value) {
        faults.push("a valid label must be an empty string or consist of alphanumeric characters, '-', '_' or '.'");
    }
    faults
}

fn is_dns_label(label: &str) -> bool {
    let inner = |character: char| character.is_ascii_lowercase() || character.is_ascii_digit();
    label.starts_with(inner)
        && label.ends_with(inner)
        && label
            .chars()
            .all(|character| inner(character) || character == '-')
}

fn is_word(text: &str) -> bool {
    let edge = |character: char| character.is_ascii_alphanumeric();
    text.starts_with(edge)
        && text.ends_with(edge)
        && text
            .chars()
            .all(|character| edge(character) || "-_.".contains(character))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_dns_subdomains() {
        for (name, fits) in [
            ("a", true),
            ("a-b.c1", true),
            ("A", false),
            ("-a", false),
            ("a..b", false),
            ("a_b", false),
        ] {
            assert_eq!(subdomain_faults(name).is_empty(), fits, "{name}");
        }
    }

    #[test]
    fn qualified_names_have_at_most_one_prefix() {
        for (name, fits) in [
            ("a", true),
            ("x.test/A_b", true),
            ("", false),
            ("/a", false),
            ("x/", false),
            ("a/b/c", false),
            ("X/a", false),
        ] {
            assert_eq!(qualified_faults(name).is_empty(), fits, "{name}");
        }
    }
}
