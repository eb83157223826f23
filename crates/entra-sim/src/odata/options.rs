//! Query options of a request.

use std::collections::BTreeSet;

use crate::error::GraphError;

use super::expression::Expression;

/// The query options that Graph knows, parsed.
#[derive(Clone, Debug, Default)]
pub(crate) struct Query {
    pub(crate) filter: Option<Expression>,
    pub(crate) select: Vec<String>,
    pub(crate) expand: Vec<Expand>,
    pub(crate) order_by: Vec<OrderBy>,
    pub(crate) top: Option<usize>,
    pub(crate) count: bool,
    pub(crate) search: Option<String>,
    pub(crate) skip_token: Option<String>,
    pub(crate) delta_token: Option<String>,
}

/// One `$expand` with its own options.
#[derive(Clone, Debug, Default, PartialEq)]
#[expect(clippy::struct_field_names, reason = "the names of the options")]
pub(crate) struct Expand {
    pub(crate) name: String,
    pub(crate) select: Vec<String>,
    pub(crate) expand: Vec<Expand>,
    pub(crate) filter: Option<Expression>,
}

/// One property of `$orderby`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct OrderBy {
    pub(crate) path: Vec<String>,
    pub(crate) direction: SortDirection,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum SortDirection {
    Ascending,
    Descending,
}

/// Options that are options without their dollar sign, too.
const NAMES: [&str; 9] = [
    "filter",
    "select",
    "expand",
    "orderby",
    "top",
    "count",
    "search",
    "skiptoken",
    "deltatoken",
];

impl Query {
    /// Reads the query part of a URL.
    pub(crate) fn parse(query: &str) -> Result<Self, GraphError> {
        let mut options = Self::default();
        let mut seen = BTreeSet::new();
        for (name, value) in url::form_urlencoded::parse(query.as_bytes()) {
            // The dollar sign is optional in v1.0 (learn.microsoft.com: query-parameters).
            let option = name.strip_prefix('$').unwrap_or(&name).to_ascii_lowercase();
            options.read(&name, &option, &value)?;
            let known = name.starts_with('$') || NAMES.contains(&option.as_str());
            if !seen.insert(option) && known {
                return Err(repeated(&name));
            }
        }
        Ok(options)
    }

    /// Refuses what a single object can not take.
    pub(crate) fn refuse_on_entity(&self) -> Result<(), GraphError> {
        let given = [
            ("$filter", self.filter.is_some()),
            ("$orderby", !self.order_by.is_empty()),
            ("$search", self.search.is_some()),
            ("$top", self.top.is_some()),
        ];
        match given.iter().find(|(_, given)| *given) {
            None => Ok(()),
            Some((name, _)) => Err(GraphError::bad_request(
                "BadRequest",
                format!(
                    "The query specified in the URI is not valid. Query option {name} cannot be applied to the \
                     requested resource."
                ),
            )),
        }
    }

    fn read(&mut self, name: &str, option: &str, value: &str) -> Result<(), GraphError> {
        match option {
            "filter" => self.filter = Some(filter(value)?),
            "select" => self.select = names(value),
            "expand" => self.expand = expands(value)?,
            "orderby" => self.order_by = order_by(value)?,
            "top" => self.top = Some(top(value)?),
            "count" => self.count = flag(value)?,
            "search" => self.search = Some(value.to_owned()),
            "skiptoken" => self.skip_token = Some(value.to_owned()),
            "deltatoken" => self.delta_token = Some(value.to_owned()),
            "format" if value.contains("json") => {}
            "skip" => {
                return Err(GraphError::unsupported_query(
                    "'$skip' is not supported by the service.",
                ));
            }
            _ if name.starts_with('$') => {
                return Err(GraphError::bad_request(
                    "BadRequest",
                    format!("The query parameter '{name}' is not supported."),
                ));
            }
            // Custom parameters are ignored by the service.
            _ => {}
        }
        Ok(())
    }

    /// The expansion of a navigation property, when asked for. `*` asks for all.
    pub(crate) fn expansion(&self, name: &str) -> Option<&Expand> {
        self.expand
            .iter()
            .find(|one| one.name.eq_ignore_ascii_case(name) || one.name == "*")
    }

    /// What a property must equal: see [`Expression::required`].
    pub(crate) fn required(&self, property: &str) -> Option<String> {
        self.filter.as_ref()?.required(property)
    }

    /// Whether `$select` names a property.
    pub(crate) fn selects(&self, property: &str) -> bool {
        self.select
            .iter()
            .any(|one| one.eq_ignore_ascii_case(property))
    }
}

fn repeated(name: &str) -> GraphError {
    GraphError::bad_request(
        "BadRequest",
        format!(
            "Query option '{name}' was specified more than once, but it must be specified at most once."
        ),
    )
}

fn filter(value: &str) -> Result<Expression, GraphError> {
    Expression::parse(value).map_err(|problem| {
        GraphError::bad_request("BadRequest", format!("Invalid filter clause: {problem}"))
    })
}

fn names(value: &str) -> Vec<String> {
    value
        .split(',')
        .map(str::trim)
        .filter(|name| !name.is_empty())
        .map(str::to_owned)
        .collect()
}

fn top(value: &str) -> Result<usize, GraphError> {
    value.trim().parse().map_err(|_| {
        GraphError::bad_request(
            "BadRequest",
            format!("Invalid value '{value}' for $top query option found. The $top query option requires a \
                non-negative integer value."),
        )
    })
}

fn flag(value: &str) -> Result<bool, GraphError> {
    match value.trim() {
        "true" => Ok(true),
        "false" => Ok(false),
        _ => Err(GraphError::bad_request(
            "BadRequest",
            format!("Invalid value '{value}' for $count query option found."),
        )),
    }
}

fn order_by(value: &str) -> Result<Vec<OrderBy>, GraphError> {
    names(value)
        .iter()
        .map(|item| {
            let mut words = item.split_whitespace();
            let path = words
                .next()
                .unwrap_or_default()
                .split('/')
                .map(str::to_owned)
                .collect();
            let direction = match (words.next(), words.next()) {
                (None | Some("asc"), None) => SortDirection::Ascending,
                (Some("desc"), None) => SortDirection::Descending,
                _ => {
                    return Err(GraphError::bad_request(
                        "BadRequest",
                        format!("Invalid $orderby clause: Syntax error in '{item}'."),
                    ));
                }
            };
            Ok(OrderBy { path, direction })
        })
        .collect()
}

/// Splits at a separator that stands outside parentheses and quotes.
fn split_outside(text: &str, separator: char) -> Vec<&str> {
    let (mut depth, mut quoted, mut start) = (0_usize, false, 0_usize);
    let mut parts = Vec::new();
    for (index, c) in text.char_indices() {
        match c {
            '\'' => quoted = !quoted,
            '(' if !quoted => depth += 1,
            ')' if !quoted => depth = depth.saturating_sub(1),
            _ if c == separator && depth == 0 && !quoted => {
                parts.push(&text[start..index]);
                start = index + c.len_utf8();
            }
            _ => {}
        }
    }
    parts.push(&text[start..]);
    parts
}

fn expands(value: &str) -> Result<Vec<Expand>, GraphError> {
    split_outside(value, ',')
        .into_iter()
        .map(str::trim)
        .filter(|item| !item.is_empty())
        .map(expand)
        .collect()
}

fn expand(item: &str) -> Result<Expand, GraphError> {
    let malformed = || {
        GraphError::bad_request(
            "BadRequest",
            format!("Parsing OData Select and Expand failed: Syntax error in '{item}'."),
        )
    };
    let Some((name, rest)) = item.split_once('(') else {
        return Ok(Expand {
            name: item.to_owned(),
            ..Expand::default()
        });
    };
    let inner = rest.trim_end().strip_suffix(')').ok_or_else(malformed)?;
    let mut expand = Expand {
        name: name.trim().to_owned(),
        ..Expand::default()
    };
    let mut seen = BTreeSet::new();
    for option in split_outside(inner, ';') {
        let (name, value) = option.split_once('=').ok_or_else(malformed)?;
        if !seen.insert(name.trim()) {
            return Err(repeated(name.trim()));
        }
        match name.trim() {
            "$select" => expand.select = names(value),
            "$expand" => expand.expand = expands(value)?,
            "$filter" => expand.filter = Some(filter(value)?),
            other => {
                return Err(GraphError::bad_request(
                    "BadRequest",
                    format!("The option '{other}' is not supported inside $expand."),
                ));
            }
        }
    }
    Ok(expand)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nested_expansions_keep_their_options_apart() {
        let query = Query::parse(
            "$expand=policy($expand=rules($select=id);$select=id,rules),principal&$select=id",
        )
        .unwrap();
        let policy = query.expansion("policy").unwrap();
        assert_eq!(policy.select, ["id", "rules"]);
        assert_eq!(policy.expand[0].select, ["id"]);
        assert!(query.expansion("principal").unwrap().select.is_empty());
        assert!(query.expansion("group").is_none());
    }

    #[test]
    fn options_are_decoded_and_work_without_the_dollar_sign() {
        let query = Query::parse("filter=displayName%20eq%20'A%26B'&%24top=5&$count=true").unwrap();
        assert_eq!(query.required("displayName").as_deref(), Some("A&B"));
        assert_eq!((query.top, query.count), (Some(5), true));
    }

    #[test]
    fn unknown_and_broken_options_are_refused() {
        for query in [
            "$apply=x",
            "$top=many",
            "$count=maybe",
            "$skip=3",
            "$orderby=a%20up",
            "$expand=a(",
            "$expand=a($levels=2)",
            "$filter=x",
            "$top=1&$top=2",
            "$select=id&$select=mail",
            "filter=a%20eq%201&filter=b%20eq%201",
            "$expand=a($select=id;$select=mail)",
        ] {
            assert_eq!(
                Query::parse(query).unwrap_err().status.as_u16(),
                400,
                "{query}"
            );
        }
        assert!(Query::parse("api-version=1&x=1&x=2").is_ok());
    }
}
