//! From the words of a condition to its expression.

use super::lexer::{ConditionToken, tokens};
use super::{
    Attribute, Clause, Condition, NoCondition, Operand, Quantifier, Sense, Test, ValueComparison,
};

/// Deeper than this nobody writes, and the service takes no more than eight kilobytes.
const DEEPEST: usize = 64;

/// What compares values that assignments of roles do not have, without `Not` and `IgnoreCase`.
const OTHERS: &[&str] = &[
    "stringstartswith",
    "stringlike",
    "numericequals",
    "numericlessthan",
    "numericlessthanequals",
    "numericgreaterthan",
    "numericgreaterthanequals",
    "boolequals",
    "datetimeequals",
    "datetimelessthan",
    "datetimelessthanequals",
    "datetimegreaterthan",
    "datetimegreaterthanequals",
    "timeofdayequals",
    "timeofdaylessthan",
    "timeofdaylessthanequals",
    "timeofdaygreaterthan",
    "timeofdaygreaterthanequals",
    "timeofdayinrange",
    "ipmatch",
];

impl Condition {
    /// Reads a condition.
    pub(in crate::resource_manager) fn parse(text: &str) -> Result<Self, NoCondition> {
        let tokens = tokens(text)?;
        let mut reader = Reader {
            tokens: &tokens,
            depth: 0,
        };
        let expression = reader.chain()?;
        if reader.tokens.is_empty() {
            Ok(Self(expression))
        } else {
            Err(NoCondition)
        }
    }
}

struct Reader<'a> {
    tokens: &'a [ConditionToken],
    depth: usize,
}

impl<'a> Reader<'a> {
    fn next(&mut self) -> Result<&'a ConditionToken, NoCondition> {
        let (first, rest) = self.tokens.split_first().ok_or(NoCondition)?;
        self.tokens = rest;
        Ok(first)
    }

    fn expect(&mut self, wanted: &ConditionToken) -> Result<(), NoCondition> {
        (self.next()? == wanted).then_some(()).ok_or(NoCondition)
    }

    /// Expressions joined by one word. Where both words stand, parentheses must say what belongs together.
    fn chain(&mut self) -> Result<Clause, NoCondition> {
        let first = self.negated()?;
        let Some(joint @ (ConditionToken::And | ConditionToken::Or)) = self.tokens.first() else {
            return Ok(first);
        };
        let mut all = vec![first];
        while self.tokens.first() == Some(joint) {
            self.next()?;
            all.push(self.negated()?);
        }
        match (joint, self.tokens.first()) {
            (_, Some(ConditionToken::And | ConditionToken::Or)) => Err(NoCondition),
            (ConditionToken::And, _) => Ok(Clause::All(all)),
            _ => Ok(Clause::Any(all)),
        }
    }

    fn negated(&mut self) -> Result<Clause, NoCondition> {
        self.depth += 1;
        if self.depth > DEEPEST {
            return Err(NoCondition);
        }
        let read = if self.tokens.first() == Some(&ConditionToken::Not) {
            self.next()?;
            Clause::Not(Box::new(self.negated()?))
        } else {
            self.single()?
        };
        self.depth -= 1;
        Ok(read)
    }

    fn single(&mut self) -> Result<Clause, NoCondition> {
        match self.tokens.first() {
            Some(ConditionToken::Open) => {
                self.next()?;
                let inside = self.chain()?;
                self.expect(&ConditionToken::Close)?;
                Ok(inside)
            }
            Some(ConditionToken::Word(word)) if word.eq_ignore_ascii_case("ActionMatches") => {
                self.next()?;
                Ok(Clause::Action(self.set()?))
            }
            Some(ConditionToken::Word(word))
                if word.eq_ignore_ascii_case("SubOperationMatches") =>
            {
                self.next()?;
                self.set()?;
                Ok(Clause::SubOperation)
            }
            Some(ConditionToken::Word(word)) if word.eq_ignore_ascii_case("Exists") => {
                self.next()?;
                Ok(Clause::Exists(self.attribute()?))
            }
            _ => self.comparison(),
        }
    }

    fn attribute(&mut self) -> Result<Attribute, NoCondition> {
        match self.next()? {
            ConditionToken::Attribute(attribute) => Ok(attribute.clone()),
            _ => Err(NoCondition),
        }
    }

    fn comparison(&mut self) -> Result<Clause, NoCondition> {
        let left = self.operand()?;
        let ConditionToken::Word(operator) = self.next()? else {
            return Err(NoCondition);
        };
        let operator = operator.to_ascii_lowercase();
        let (quantifiers, test) = operator.split_once(':').unwrap_or(("", &operator));
        let (left_needs, right_needs) = quantified(quantifiers)?;
        Ok(Clause::Compare(ValueComparison {
            left,
            left_needs,
            right_needs,
            test: tested(test)?,
            right: self.operand()?,
        }))
    }

    fn operand(&mut self) -> Result<Operand, NoCondition> {
        match self.tokens.first() {
            Some(ConditionToken::BeginSet) => self.set().map(Operand::Values),
            Some(ConditionToken::Attribute(_)) => self.attribute().map(Operand::Attribute),
            _ => self.value().map(|value| Operand::Values(vec![value])),
        }
    }

    /// Values in braces: one at least.
    fn set(&mut self) -> Result<Vec<String>, NoCondition> {
        self.expect(&ConditionToken::BeginSet)?;
        let mut values = vec![self.value()?];
        loop {
            match self.next()? {
                ConditionToken::Comma => values.push(self.value()?),
                ConditionToken::EndSet => return Ok(values),
                _ => return Err(NoCondition),
            }
        }
    }

    fn value(&mut self) -> Result<String, NoCondition> {
        match self.next()? {
            ConditionToken::Text(value) | ConditionToken::Word(value) => Ok(value.clone()),
            _ => Err(NoCondition),
        }
    }
}

/// How many values of the left side and of the right side have to pass: `ForAnyOfAllValues` and its kind.
fn quantified(text: &str) -> Result<(Quantifier, Quantifier), NoCondition> {
    match text {
        "" | "foranyofanyvalues" => Ok((Quantifier::Any, Quantifier::Any)),
        "forallofanyvalues" => Ok((Quantifier::All, Quantifier::Any)),
        "foranyofallvalues" => Ok((Quantifier::Any, Quantifier::All)),
        "forallofallvalues" => Ok((Quantifier::All, Quantifier::All)),
        _ => Err(NoCondition),
    }
}

fn tested(name: &str) -> Result<Test, NoCondition> {
    let plain = name.trim_end_matches("ignorecase").replacen("not", "", 1);
    match name {
        "guidequals" => Ok(Test::Guid(Sense::Equal)),
        "guidnotequals" => Ok(Test::Guid(Sense::Different)),
        "stringequals" => Ok(Test::Text(Sense::Equal)),
        "stringnotequals" => Ok(Test::Text(Sense::Different)),
        "stringequalsignorecase" => Ok(Test::TextIgnoringCase(Sense::Equal)),
        "stringnotequalsignorecase" => Ok(Test::TextIgnoringCase(Sense::Different)),
        _ if OTHERS.contains(&plain.as_str()) => Ok(Test::Other),
        _ => Err(NoCondition),
    }
}
