//! What a collection supports, as a table.

use crate::error::GraphError;

use super::expression::{Comparison, Expression, TextTest};

pub(crate) type Operators = u16;
/// `eq`.
pub(crate) const EQ: Operators = 1;
/// `ne`.
pub(crate) const NE: Operators = 1 << 1;
/// `in`.
pub(crate) const IN: Operators = 1 << 2;
/// `gt`, `ge`, `lt`, `le`.
pub(crate) const RANGE: Operators = 1 << 3;
/// `startswith`.
pub(crate) const STARTS: Operators = 1 << 4;
/// `endswith`.
pub(crate) const ENDS: Operators = 1 << 5;
/// `contains`.
pub(crate) const CONTAINS: Operators = 1 << 6;
/// `any`.
pub(crate) const ANY: Operators = 1 << 7;
/// `not` around another operator.
pub(crate) const NOT: Operators = 1 << 8;
/// What most text properties of the directory take.
pub(crate) const LIKE: Operators = EQ | IN | RANGE | STARTS;

/// Whether text is compared with regard to case.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Case {
    Ignored,
    Significant,
}

/// A property that can be filtered on. Elements of a collection are named by its path, `targetResources/id`.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Property {
    pub(crate) name: &'static str,
    /// Operators that always work.
    pub(crate) operators: Operators,
    /// Operators that work in advanced mode only.
    pub(crate) advanced: Operators,
    pub(crate) case: Case,
}

impl Property {
    /// A property with operators that always work.
    pub(crate) const fn plain(name: &'static str, operators: Operators) -> Self {
        Self {
            name,
            operators,
            advanced: 0,
            case: Case::Ignored,
        }
    }

    /// Adds operators that need `ConsistencyLevel: eventual` and `$count=true`.
    pub(crate) const fn advanced(mut self, operators: Operators) -> Self {
        self.advanced = operators;
        self
    }

    pub(crate) const fn exact(mut self) -> Self {
        self.case = Case::Significant;
        self
    }
}

/// Whether a collection has an advanced mode.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Advanced {
    /// Directory objects.
    Offered,
    /// Everything else: the header is ignored and `$count` works as it is.
    Absent,
}

#[derive(Clone, Copy, Debug)]
pub(crate) struct Paging {
    pub(crate) default: usize,
    pub(crate) maximum: usize,
}

#[derive(Clone, Copy, Debug)]
pub(crate) struct Capabilities {
    pub(crate) filter: &'static [Property],
    pub(crate) order_by: &'static [&'static str],
    /// Relations that can be expanded; a path for those inside others.
    pub(crate) expand: &'static [&'static str],
    pub(crate) paging: Paging,
    pub(crate) advanced: Advanced,
    /// Code of the 400 for a filter or order that is not supported.
    pub(crate) refusal: &'static str,
    /// Properties returned without `$select`; empty = all.
    pub(crate) defaults: &'static [&'static str],
}

/// The advanced mode of one request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum QueryMode {
    Default,
    Advanced,
}

impl Capabilities {
    /// What collections of directory objects have in common.
    pub(crate) const DIRECTORY: Self = Self {
        advanced: Advanced::Offered,
        refusal: "Request_UnsupportedQuery",
        ..Self::SERVICE
    };
    /// What the collections of the services behind Graph have in common.
    pub(crate) const SERVICE: Self = Self {
        filter: &[],
        order_by: &[],
        expand: &[],
        paging: Paging {
            default: 100,
            maximum: 999,
        },
        advanced: Advanced::Absent,
        refusal: "InvalidFilter",
        defaults: &[],
    };

    /// How text of this property is compared.
    pub(super) fn case(&self, path: &[String]) -> Case {
        self.property(&path.join("/"))
            .map_or(Case::Ignored, |property| property.case)
    }

    fn property(&self, path: &str) -> Option<&Property> {
        self.filter
            .iter()
            .find(|property| property.name.eq_ignore_ascii_case(path))
    }

    fn unsupported(&self, message: impl Into<String>) -> GraphError {
        GraphError::bad_request(self.refusal, message)
    }

    /// Refuses a filter that uses what the collection does not offer in this mode.
    pub(super) fn check(&self, expression: &Expression, mode: QueryMode) -> Result<(), GraphError> {
        let width = widest(expression);
        if mode == QueryMode::Default && width > MAXIMUM_ALTERNATIVES {
            return Err(self.unsupported(format!(
                "Too many child clauses specified in search filter expression containing 'OR' operators: {width}. Max \
                 allowed: {MAXIMUM_ALTERNATIVES}."
            )));
        }
        self.check_within(expression, "", 0, mode)
    }

    /// `prefix` is the collection of the lambda around the expression, `around` the operators around it.
    fn check_within(
        &self,
        expression: &Expression,
        prefix: &str,
        around: Operators,
        mode: QueryMode,
    ) -> Result<(), GraphError> {
        match expression {
            Expression::And(left, right) | Expression::Or(left, right) => {
                self.check_within(left, prefix, around, mode)?;
                self.check_within(right, prefix, around, mode)
            }
            Expression::Not(inner) => self.check_within(inner, prefix, around | NOT, mode),
            Expression::Compare {
                path, comparison, ..
            } => self.check_one(
                &full(prefix, path),
                comparison_operator(*comparison) | around,
                mode,
            ),
            Expression::In { path, .. } => self.check_one(&full(prefix, path), IN | around, mode),
            Expression::Text { path, test, .. } => {
                self.check_one(&full(prefix, path), text_operator(*test) | around, mode)
            }
            Expression::Any { path, predicate } => {
                let name = full(prefix, path);
                match predicate {
                    Some(predicate) => self.check_within(predicate, &name, around | ANY, mode),
                    None => self.check_one(&name, ANY | around, mode),
                }
            }
        }
    }

    fn check_one(
        &self,
        path: &str,
        operators: Operators,
        mode: QueryMode,
    ) -> Result<(), GraphError> {
        let Some(property) = self.property(path) else {
            return Err(self.unsupported(format!(
                "Unsupported or invalid query filter clause specified for property '{path}'."
            )));
        };
        let offered = match mode {
            QueryMode::Default => property.operators,
            QueryMode::Advanced => property.operators | property.advanced,
        };
        if operators & !offered == 0 {
            Ok(())
        } else {
            Err(self.unsupported(format!(
                "Unsupported or invalid query filter clause specified for property '{path}' of resource."
            )))
        }
    }
}

/// The name of a property below a prefix.
fn full(prefix: &str, path: &[String]) -> String {
    let prefix = (!prefix.is_empty()).then_some(prefix);
    let parts: Vec<&str> = prefix
        .into_iter()
        .chain(path.iter().map(String::as_str))
        .collect();
    parts.join("/")
}

fn comparison_operator(comparison: Comparison) -> Operators {
    match comparison {
        Comparison::Equal => EQ,
        Comparison::NotEqual => NE,
        Comparison::Greater
        | Comparison::GreaterOrEqual
        | Comparison::Less
        | Comparison::LessOrEqual => RANGE,
    }
}

fn text_operator(test: TextTest) -> Operators {
    match test {
        TextTest::StartsWith => STARTS,
        TextTest::EndsWith => ENDS,
        TextTest::Contains => CONTAINS,
    }
}

/// Alternatives of one choice outside of the advanced mode: a value of `in` counts like a side of `or`
/// (microsoftgraph/microsoft-graph-docs#21098).
const MAXIMUM_ALTERNATIVES: usize = 15;

/// How many alternatives an expression offers at its top.
fn alternatives(expression: &Expression) -> usize {
    match expression {
        Expression::Or(left, right) => alternatives(left) + alternatives(right),
        Expression::In { values, .. } => values.len(),
        _ => 1,
    }
}

/// The most alternatives that any choice in an expression offers.
fn widest(expression: &Expression) -> usize {
    let own = alternatives(expression);
    match expression {
        Expression::And(left, right) | Expression::Or(left, right) => {
            own.max(widest(left)).max(widest(right))
        }
        Expression::Not(inner) => own.max(widest(inner)),
        Expression::Any {
            predicate: Some(predicate),
            ..
        } => own.max(widest(predicate)),
        _ => own,
    }
}
