//! Which route a path means.
//!
//! Graph knows several spellings of one address: `/groups/{id}`, `/groups('{id}')`, `/groups(uniqueName='x')` and
//! `/groups/(uniqueName='x')`. They are brought to one before matching. Segments are compared without regard to case,
//! and a pattern with more literal segments wins.

use std::collections::BTreeMap;

use percent_encoding::percent_decode_str;

use crate::route::{Denial, Route, Verb};
use crate::version::Version;

/// A route that matched, with the parameters of its pattern.
#[derive(Clone, Debug)]
pub(crate) struct Matched {
    pub(crate) route: &'static Route,
    pub(crate) params: BTreeMap<&'static str, String>,
}

#[derive(Debug)]
pub(crate) enum Found {
    Route(Matched),
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

/// The routes of a service, those with more literal segments first.
pub(crate) struct Router {
    patterns: Vec<Pattern>,
}

impl Router {
    pub(crate) fn new(routes: impl Iterator<Item = &'static Route>) -> Self {
        let mut patterns: Vec<Pattern> = routes.map(Pattern::new).collect();
        patterns.sort_by_key(|pattern| std::cmp::Reverse(pattern.literals));
        Self { patterns }
    }

    /// Finds the route of a path below the version.
    pub(crate) fn find(&self, version: Version, verb: Option<Verb>, path: &str) -> Found {
        let segments = normalize(path);
        let mut found = Found::Nothing;
        for pattern in &self.patterns {
            let Some(params) = pattern.matches(&segments) else {
                continue;
            };
            let route = pattern.route;
            if Some(route.verb) == verb {
                // Where a version lacks an operation, its name is no key of another one.
                if route.is_in(version) {
                    return Found::Route(Matched { route, params });
                }
                return Found::Nothing;
            }
            if route.is_in(version) {
                found = Found::WrongMethod;
            }
        }
        found
    }
}

struct Pattern {
    route: &'static Route,
    segments: Vec<Segment>,
    literals: usize,
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
