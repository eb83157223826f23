//! Which route a path means.
//!
//! Graph knows several spellings of one address: `/groups/{id}`, `/groups('{id}')`, `/groups(uniqueName='x')` and
//! `/groups/(uniqueName='x')`. They are brought to one before matching. Segments are compared without regard to case, and a
//! pattern with more literal segments wins.

use std::collections::BTreeMap;
use std::sync::LazyLock;

use percent_encoding::percent_decode_str;

use crate::route::{Denial, Route, Verb};

/// A route that matched, with the parameters of its pattern.
#[derive(Clone, Debug)]
pub(crate) struct Match {
    pub(crate) route: &'static Route,
    pub(crate) params: BTreeMap<&'static str, String>,
}

/// What a path means.
#[derive(Debug)]
pub(crate) enum Found {
    Route(Match),
    /// The path is known, the method is not.
    WrongMethod,
    Nothing,
}

impl Found {
    /// How a missing permission is refused here.
    pub(crate) fn denial(&self) -> Denial {
        match self {
            Self::Route(found) => found.route.denial,
            Self::WrongMethod | Self::Nothing => Denial::Directory,
        }
    }
}

enum Segment {
    Literal(&'static str),
    Param(&'static str),
    /// `name(key='{param}')`.
    Keyed {
        name: &'static str,
        key: &'static str,
        param: &'static str,
    },
}

struct Pattern {
    route: &'static Route,
    segments: Vec<Segment>,
    literals: usize,
}

static PATTERNS: LazyLock<Vec<Pattern>> = LazyLock::new(|| {
    let mut patterns: Vec<Pattern> = routes().map(Pattern::new).collect();
    patterns.sort_by_key(|pattern| std::cmp::Reverse(pattern.literals));
    patterns
});

/// All routes of all areas.
pub(crate) fn routes() -> impl Iterator<Item = &'static Route> {
    [
        crate::directory::AREAS,
        crate::pim::AREAS,
        crate::roles::AREAS,
        &[crate::audit::ROUTES],
    ]
    .into_iter()
    .flatten()
    .copied()
    .flatten()
}

/// Finds the route of a path below the version.
pub(crate) fn find(verb: Option<Verb>, path: &str) -> Found {
    let segments = normalize(path);
    let mut known = false;
    for pattern in PATTERNS.iter() {
        if let Some(params) = pattern.matches(&segments) {
            known = true;
            if Some(pattern.route.verb) == verb {
                return Found::Route(Match {
                    route: pattern.route,
                    params,
                });
            }
        }
    }
    if known {
        Found::WrongMethod
    } else {
        Found::Nothing
    }
}

impl Pattern {
    fn new(route: &'static Route) -> Self {
        let segments: Vec<Segment> = route.pattern.split('/').skip(1).map(segment).collect();
        let literals = segments
            .iter()
            .filter(|segment| !matches!(segment, Segment::Param(_)))
            .count();
        Self {
            route,
            segments,
            literals,
        }
    }

    fn matches(&self, path: &[String]) -> Option<BTreeMap<&'static str, String>> {
        if path.len() != self.segments.len() {
            return None;
        }
        let mut params = BTreeMap::new();
        for (segment, text) in self.segments.iter().zip(path) {
            match segment {
                Segment::Literal(literal)
                    if literal.eq_ignore_ascii_case(text)
                        || literal.eq_ignore_ascii_case(unqualified(text)) => {}
                Segment::Param(name) if !text.contains('(') => {
                    params.insert(*name, text.clone());
                }
                Segment::Keyed { name, key, param } => {
                    params.insert(*param, keyed(text, name, key)?);
                }
                Segment::Literal(_) | Segment::Param(_) => return None,
            }
        }
        Some(params)
    }
}

/// Actions and functions may be written with their namespace, functions without parameters with empty parentheses.
fn unqualified(text: &str) -> &str {
    let name = text.strip_suffix("()").unwrap_or(text);
    name.strip_prefix("microsoft.graph.").unwrap_or(name)
}

fn segment(text: &'static str) -> Segment {
    if let Some(name) = text
        .strip_prefix('{')
        .and_then(|rest| rest.strip_suffix('}'))
    {
        return Segment::Param(name);
    }
    let keyed = text.split_once('(').and_then(|(name, rest)| {
        let (key, value) = rest.strip_suffix(')')?.split_once('=')?;
        let param = value.strip_prefix("'{")?.strip_suffix("}'")?;
        Some(Segment::Keyed { name, key, param })
    });
    keyed.unwrap_or(Segment::Literal(text))
}

/// The value of `name(key='value')`, its doubled quotes undone.
fn keyed(text: &str, name: &str, key: &str) -> Option<String> {
    let (found, rest) = text.split_once('(')?;
    let (found_key, value) = rest.strip_suffix(')')?.split_once('=')?;
    if !found.eq_ignore_ascii_case(name) || !found_key.trim().eq_ignore_ascii_case(key) {
        return None;
    }
    Some(unquote(value.trim()))
}

fn unquote(value: &str) -> String {
    value
        .strip_prefix('\'')
        .and_then(|rest| rest.strip_suffix('\''))
        .unwrap_or(value)
        .replace("''", "'")
}

/// Splits a path into decoded segments and brings the spellings of keys to one.
fn normalize(path: &str) -> Vec<String> {
    let mut segments: Vec<String> = Vec::new();
    for raw in path.split('/').filter(|raw| !raw.is_empty()) {
        let text = percent_decode_str(raw).decode_utf8_lossy().into_owned();
        if text.starts_with('(')
            && let Some(last) = segments.last_mut()
        {
            last.push_str(&text);
        } else {
            segments.push(text);
        }
    }
    segments.into_iter().flat_map(plain_key).collect()
}

/// `users('x')` is `users/x`; `groups(uniqueName='x')` stays; casts get their full name.
fn plain_key(text: String) -> Vec<String> {
    if let Some((name, rest)) = text.split_once('(')
        && let Some(inner) = rest.strip_suffix(')')
        && !name.is_empty()
        && (inner.starts_with('\'') || !inner.contains('='))
        && !inner.is_empty()
    {
        return vec![name.to_owned(), unquote(inner)];
    }
    match text.strip_prefix("graph.") {
        Some(name) => vec![format!("microsoft.graph.{name}")],
        None => vec![text],
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    fn operation(verb: Verb, path: &str) -> Option<(&'static str, BTreeMap<&'static str, String>)> {
        match find(Some(verb), path) {
            Found::Route(found) => Some((found.route.operation, found.params)),
            Found::WrongMethod | Found::Nothing => None,
        }
    }

    #[test]
    fn the_spellings_of_one_address_mean_one_route() {
        for path in [
            "/groups/abc",
            "/groups('abc')",
            "/Groups/abc",
            "/groups/abc/",
        ] {
            let (name, params) = operation(Verb::Get, path).unwrap();
            assert_eq!(
                (name, params["group"].as_str()),
                ("groups.get", "abc"),
                "{path}"
            );
        }
        for path in [
            "/groups(uniqueName='it''s')",
            "/groups/(uniqueName='it''s')",
            "/groups(uniqueName=%27it%27%27s%27)",
        ] {
            let (_, params) = operation(Verb::Get, path).unwrap();
            assert_eq!(params["uniqueName"], "it's", "{path}");
        }
    }

    #[test]
    fn a_literal_segment_wins_over_a_parameter() {
        for path in [
            "/groups/delta",
            "/groups/delta()",
            "/groups/microsoft.graph.delta()",
        ] {
            assert_eq!(
                operation(Verb::Get, path).unwrap().0,
                "groups.delta",
                "{path}"
            );
        }
    }

    #[test]
    fn a_known_path_with_another_method_is_not_unknown() {
        assert!(matches!(
            find(Some(Verb::Delete), "/groups"),
            Found::WrongMethod
        ));
        assert!(matches!(find(None, "/groups"), Found::WrongMethod));
        assert!(matches!(find(Some(Verb::Get), "/nonsense"), Found::Nothing));
    }

    #[test]
    fn every_operation_has_one_name_and_every_address_one_route() {
        let (mut names, mut addresses) = (BTreeSet::new(), BTreeSet::new());
        for route in routes() {
            assert!(
                names.insert(route.operation),
                "{} stands twice",
                route.operation
            );
            let address = format!("{:?} {}", route.verb, route.pattern);
            assert!(addresses.insert(address.clone()), "{address} stands twice");
        }
    }
}
