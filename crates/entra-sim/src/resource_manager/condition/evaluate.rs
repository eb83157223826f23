//! Whether a condition holds.

use uuid::Uuid;

use super::{
    AssignmentFacts, Attribute, AttributeSource, Circumstances, Clause, Condition, Operand,
    Particulars, Quantifier, Sense, Test, ValueComparison,
};
use crate::resource_manager::allowed::matches;
use crate::resource_manager::spelling::principal_type;

/// What begins the name of an attribute of an assignment.
const ASSIGNMENTS: &str = "microsoft.authorization/roleassignments:";

impl Condition {
    /// Whether it lets something pass.
    pub(in crate::resource_manager) fn holds(&self, circumstances: &Circumstances<'_>) -> bool {
        self.0.holds(circumstances)
    }
}

impl Clause {
    fn holds(&self, at: &Circumstances<'_>) -> bool {
        match self {
            Self::All(all) => all.iter().all(|one| one.holds(at)),
            Self::Any(any) => any.iter().any(|one| one.holds(at)),
            Self::Not(inner) => !inner.holds(at),
            Self::Action(patterns) => patterns.iter().any(|one| matches(one, at.action)),
            Self::SubOperation => false,
            Self::Exists(attribute) => at.value(attribute).is_some(),
            Self::Compare(comparison) => comparison.holds(at),
        }
    }
}

impl Circumstances<'_> {
    /// The value of an attribute, where there is one.
    fn value(&self, attribute: &Attribute) -> Option<String> {
        let ((AttributeSource::Request, Particulars::Request(facts))
        | (AttributeSource::Resource, Particulars::Resource(facts))) =
            (attribute.source, self.particulars)
        else {
            return None;
        };
        facts.value(attribute.name.strip_prefix(ASSIGNMENTS)?)
    }

    fn values(&self, operand: &Operand) -> Vec<String> {
        match operand {
            Operand::Attribute(attribute) => self.value(attribute).into_iter().collect(),
            Operand::Values(values) => values.clone(),
        }
    }
}

impl AssignmentFacts {
    fn value(&self, name: &str) -> Option<String> {
        match name {
            "roledefinitionid" => Some(self.role.to_string()),
            "principalid" => Some(self.principal.to_string()),
            "principaltype" => self.kind.map(|kind| principal_type(kind).to_owned()),
            _ => None,
        }
    }
}

impl ValueComparison {
    /// What is not there passes no comparison, not even one that asks for something different.
    fn holds(&self, at: &Circumstances<'_>) -> bool {
        let (left, right) = (at.values(&self.left), at.values(&self.right));
        if left.is_empty() || right.is_empty() {
            return false;
        }
        self.left_needs.of(&left, |left| {
            self.right_needs
                .of(&right, |right| self.test.passes(left, right))
        })
    }
}

impl Quantifier {
    fn of(self, values: &[String], passes: impl Fn(&str) -> bool) -> bool {
        let mut values = values.iter();
        match self {
            Self::Any => values.any(|value| passes(value)),
            Self::All => values.all(|value| passes(value)),
        }
    }
}

impl Test {
    fn passes(self, left: &str, right: &str) -> bool {
        let guid = |text: &str| Uuid::try_parse(text).ok();
        match self {
            Self::Guid(sense) => match (guid(left), guid(right)) {
                (Some(left), Some(right)) => sense.is(left == right),
                _ => false,
            },
            Self::Text(sense) => sense.is(left == right),
            Self::TextIgnoringCase(sense) => sense.is(left.eq_ignore_ascii_case(right)),
            Self::Other => false,
        }
    }
}

impl Sense {
    fn is(self, equal: bool) -> bool {
        match self {
            Self::Equal => equal,
            Self::Different => !equal,
        }
    }
}
