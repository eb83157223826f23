//! Filter expressions as a tree, and how they are read.

use std::collections::BTreeSet;

use jiff::Timestamp;
use uuid::Uuid;

use super::lexer::{Token, tokens};

/// A filter expression. Paths are split at `/`; inside a lambda they are relative to its variable.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Expression {
    And(Box<Expression>, Box<Expression>),
    Or(Box<Expression>, Box<Expression>),
    Not(Box<Expression>),
    Compare {
        path: Vec<String>,
        comparison: Comparison,
        value: Literal,
    },
    In {
        path: Vec<String>,
        values: Vec<Literal>,
    },
    /// `startswith`, `endswith` or `contains`.
    Text {
        path: Vec<String>,
        test: TextTest,
        text: String,
    },
    /// `any`, with or without a predicate.
    Any {
        path: Vec<String>,
        predicate: Option<Box<Expression>>,
    },
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Comparison {
    Equal,
    NotEqual,
    Greater,
    GreaterOrEqual,
    Less,
    LessOrEqual,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum TextTest {
    StartsWith,
    EndsWith,
    Contains,
}

#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Literal {
    Null,
    Bool(bool),
    Integer(i64),
    Text(String),
    Guid(Uuid),
    Time(Timestamp),
}

impl Literal {
    /// The literal as text, where it names an id or a word.
    pub(crate) fn as_text(&self) -> Option<String> {
        match self {
            Self::Text(text) => Some(text.clone()),
            Self::Guid(id) => Some(id.as_hyphenated().to_string()),
            Self::Null | Self::Bool(_) | Self::Integer(_) | Self::Time(_) => None,
        }
    }
}

impl Expression {
    /// The texts, in small letters, one of which a property has to be, if that is all that the expression says.
    pub(crate) fn alternatives(&self, property: &str) -> Option<BTreeSet<String>> {
        let Self::In { path, values } = self else {
            return None;
        };
        let texts = values.iter().map(|value| match value {
            Literal::Text(text) => Some(text.to_lowercase()),
            _ => None,
        });
        (*path == [property]).then(|| texts.collect()).flatten()
    }

    /// Reads an expression. `Err` holds what is wrong, in words.
    pub(crate) fn parse(source: &str) -> Result<Self, String> {
        let mut parser = Parser {
            tokens: tokens(source)?,
            next: 0,
            variables: Vec::new(),
            source,
        };
        let expression = parser.or()?;
        if parser.next < parser.tokens.len() {
            return Err(parser.error("Syntax error"));
        }
        Ok(expression)
    }

    /// What a property must equal for the whole to hold: goes through `and`, finds `property eq 'x'`.
    pub(crate) fn required(&self, property: &str) -> Option<String> {
        match self {
            Self::And(left, right) => left.required(property).or_else(|| right.required(property)),
            Self::Compare {
                path,
                comparison: Comparison::Equal,
                value,
            } if path.len() == 1 && path[0].eq_ignore_ascii_case(property) => value.as_text(),
            _ => None,
        }
    }
}

/// How deep parentheses may nest; beyond, the service refuses and a parser must not exhaust its stack.
const MAXIMUM_DEPTH: usize = 64;

struct Parser<'a> {
    tokens: Vec<Token>,
    next: usize,
    variables: Vec<String>,
    source: &'a str,
}

impl Parser<'_> {
    fn error(&self, what: &str) -> String {
        format!("{what} at position {} in '{}'.", self.next, self.source)
    }

    fn peek(&self) -> Option<&Token> {
        self.tokens.get(self.next)
    }

    fn take(&mut self, token: &Token) -> bool {
        let found = self.peek() == Some(token);
        if found {
            self.next += 1;
        }
        found
    }

    fn expect(&mut self, token: &Token, name: &str) -> Result<(), String> {
        if self.take(token) {
            Ok(())
        } else {
            Err(self.error(&format!("{name} expected")))
        }
    }

    fn take_word(&mut self, word: &str) -> bool {
        let found = matches!(self.peek(), Some(Token::Word(text)) if text == word);
        if found {
            self.next += 1;
        }
        found
    }

    fn or(&mut self) -> Result<Expression, String> {
        let mut left = self.and()?;
        while self.take_word("or") {
            left = Expression::Or(Box::new(left), Box::new(self.and()?));
        }
        Ok(left)
    }

    fn and(&mut self) -> Result<Expression, String> {
        let mut left = self.unary()?;
        while self.take_word("and") {
            left = Expression::And(Box::new(left), Box::new(self.unary()?));
        }
        Ok(left)
    }

    fn unary(&mut self) -> Result<Expression, String> {
        if self.take_word("not") {
            return Ok(Expression::Not(Box::new(self.unary()?)));
        }
        if self.peek() == Some(&Token::Open) {
            if self.tokens[..self.next]
                .iter()
                .filter(|token| **token == Token::Open)
                .count()
                > MAXIMUM_DEPTH
            {
                return Err(self.error("Recursion depth exceeded"));
            }
            self.next += 1;
            let inner = self.or()?;
            self.expect(&Token::Close, "')'")?;
            return Ok(inner);
        }
        self.primary()
    }

    fn primary(&mut self) -> Result<Expression, String> {
        let word = self.word()?;
        if self.peek() == Some(&Token::Open) {
            return self.call(&word);
        }
        let path = self.path(&word)?;
        let operator = self.word()?;
        let comparison = match operator.as_str() {
            "eq" => Comparison::Equal,
            "ne" => Comparison::NotEqual,
            "gt" => Comparison::Greater,
            "ge" => Comparison::GreaterOrEqual,
            "lt" => Comparison::Less,
            "le" => Comparison::LessOrEqual,
            "in" => {
                let values = self.list()?;
                return Ok(Expression::In { path, values });
            }
            _ => return Err(self.error("An operator was expected")),
        };
        let value = self.literal()?;
        Ok(Expression::Compare {
            path,
            comparison,
            value,
        })
    }

    fn call(&mut self, name: &str) -> Result<Expression, String> {
        if let Some(collection) = name.strip_suffix("/any") {
            return self.any(collection);
        }
        let test = match name {
            "startswith" | "startsWith" => TextTest::StartsWith,
            "endswith" | "endsWith" => TextTest::EndsWith,
            "contains" => TextTest::Contains,
            _ => {
                return Err(
                    self.error(&format!("An unknown function with name '{name}' was found"))
                );
            }
        };
        self.expect(&Token::Open, "'('")?;
        let word = self.word()?;
        let path = self.path(&word)?;
        self.expect(&Token::Comma, "','")?;
        let Literal::Text(sought) = self.literal()? else {
            return Err(self.error("A string literal was expected"));
        };
        self.expect(&Token::Close, "')'")?;
        // OData has functions return a boolean that may be compared: `startswith(..) eq true`.
        if self.take_word("eq") && !self.take_word("true") {
            return Err(self.error("'true' expected"));
        }
        Ok(Expression::Text {
            path,
            test,
            text: sought,
        })
    }

    fn any(&mut self, collection: &str) -> Result<Expression, String> {
        let path = self.path(collection)?;
        self.expect(&Token::Open, "'('")?;
        if self.take(&Token::Close) {
            return Ok(Expression::Any {
                path,
                predicate: None,
            });
        }
        let variable = self.word()?;
        self.expect(&Token::Colon, "':'")?;
        self.variables.push(variable);
        let predicate = self.or()?;
        self.variables.pop();
        self.expect(&Token::Close, "')'")?;
        Ok(Expression::Any {
            path,
            predicate: Some(Box::new(predicate)),
        })
    }

    fn path(&self, word: &str) -> Result<Vec<String>, String> {
        let mut segments: Vec<String> = word.split('/').map(str::to_owned).collect();
        let valid = |name: &String| {
            name.starts_with(|c: char| c.is_ascii_alphabetic() || c == '_')
                && name
                    .chars()
                    .all(|c| c.is_ascii_alphanumeric() || matches!(c, '_' | '.' | '@'))
        };
        if !segments.iter().all(valid) {
            return Err(self.error(&format!("'{word}' is no property")));
        }
        if let Some(variable) = self.variables.last() {
            if segments.first() != Some(variable) {
                return Err(self.error(&format!(
                    "'{word}' does not begin with the range variable '{variable}'"
                )));
            }
            segments.remove(0);
        }
        Ok(segments)
    }

    fn word(&mut self) -> Result<String, String> {
        match self.peek() {
            Some(Token::Word(word)) => {
                let word = word.clone();
                self.next += 1;
                Ok(word)
            }
            _ => Err(self.error("Expression expected")),
        }
    }

    fn list(&mut self) -> Result<Vec<Literal>, String> {
        self.expect(&Token::Open, "'('")?;
        let mut values = vec![self.literal()?];
        while self.take(&Token::Comma) {
            values.push(self.literal()?);
        }
        self.expect(&Token::Close, "')'")?;
        Ok(values)
    }

    fn literal(&mut self) -> Result<Literal, String> {
        if let Some(Token::Text(text)) = self.peek() {
            let text = text.clone();
            self.next += 1;
            return Ok(Literal::Text(text));
        }
        let word = self.word()?;
        bare(&word).ok_or_else(|| self.error(&format!("'{word}' is no literal")))
    }
}

fn bare(word: &str) -> Option<Literal> {
    match word {
        "null" => return Some(Literal::Null),
        "true" => return Some(Literal::Bool(true)),
        "false" => return Some(Literal::Bool(false)),
        _ => {}
    }
    if let Ok(number) = word.parse() {
        return Some(Literal::Integer(number));
    }
    if word.len() == 36
        && let Ok(id) = Uuid::try_parse(word)
    {
        return Some(Literal::Guid(id));
    }
    word.parse().ok().map(Literal::Time)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn refused(source: &str) -> String {
        Expression::parse(source).unwrap_err()
    }

    #[test]
    fn and_binds_tighter_than_or_and_parentheses_bind_tightest() {
        let flat = Expression::parse("a eq 1 or b eq 2 and c eq 3").unwrap();
        let grouped = Expression::parse("a eq 1 or (b eq 2 and c eq 3)").unwrap();
        assert_eq!(flat, grouped);
        assert_ne!(
            flat,
            Expression::parse("(a eq 1 or b eq 2) and c eq 3").unwrap()
        );
    }

    #[test]
    fn a_doubled_quote_is_one_quote() {
        let expression = Expression::parse("displayName eq 'O''Hara, (x) and y'").unwrap();
        assert_eq!(
            expression.required("displayname").as_deref(),
            Some("O'Hara, (x) and y")
        );
    }

    #[test]
    fn literals_have_their_types() {
        for (source, literal) in [
            ("x eq null", Literal::Null),
            ("x eq true", Literal::Bool(true)),
            ("x eq 12", Literal::Integer(12)),
            (
                "x eq AAAAAAAA-bbbb-4ccc-8ddd-eeeeeeeeeeee",
                Literal::Guid(Uuid::from_u128(0xaaaa_aaaa_bbbb_4ccc_8ddd_eeee_eeee_eeee)),
            ),
            (
                "x eq 2026-01-01T00:00:00Z",
                Literal::Time("2026-01-01T00:00:00Z".parse().unwrap()),
            ),
        ] {
            let Expression::Compare { value, .. } = Expression::parse(source).unwrap() else {
                panic!("{source}")
            };
            assert_eq!(value, literal, "{source}");
        }
    }

    #[test]
    fn a_lambda_speaks_of_its_variable() {
        let expression = Expression::parse("groupTypes/any(c:c eq 'Unified')").unwrap();
        let Expression::Any { path, predicate } = expression else {
            panic!()
        };
        assert_eq!(path, ["groupTypes"]);
        assert!(matches!(*predicate.unwrap(), Expression::Compare { path, .. } if path.is_empty()));
        assert!(refused("groupTypes/any(c:d eq 'Unified')").contains("range variable"));
    }

    #[test]
    fn a_required_equality_is_seen_through_and_but_not_through_or() {
        let and =
            Expression::parse("groupId eq 'g' and (accessId eq 'member' and principalId eq 'p')")
                .unwrap();
        assert_eq!(and.required("principalId").as_deref(), Some("p"));
        let or = Expression::parse("groupId eq 'g' or principalId eq 'p'").unwrap();
        assert_eq!(or.required("groupId"), None);
    }

    #[test]
    fn broken_expressions_are_refused_in_words() {
        for source in [
            "",
            "displayName",
            "displayName eq",
            "displayName eq 'x",
            "displayName like 'x'",
            "displayName eq x",
            "(a eq 1",
            "a eq 1)",
            "lower(a) eq 'x'",
            "a in ()",
            "startswith(a, 1)",
            "1 eq 1",
        ] {
            assert!(!refused(source).is_empty(), "{source}");
        }
        let deep = "(".repeat(5000) + "a eq 1" + &")".repeat(5000);
        assert!(refused(&deep).contains("depth"));
    }

    #[test]
    fn alternatives_are_all_that_an_expression_says_or_nothing() {
        let of = |source: &str| {
            let expression = Expression::parse(source).unwrap();
            expression.alternatives("name").map(Vec::from_iter)
        };
        let both = Some(vec!["a@x".to_owned(), "b@x".to_owned()]);
        assert_eq!(of("name in ('B@x', 'a@X')"), both);
        for more in [
            "mail in ('a')",
            "name in ('a') or mail eq 'b'",
            "name in (1, 'a')",
            "not (name in ('a'))",
        ] {
            assert_eq!(of(more), None, "{more}");
        }
    }
}
