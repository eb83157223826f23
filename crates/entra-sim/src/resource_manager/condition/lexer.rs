//! From the text of a condition to its words.

use super::{Attribute, AttributeSource, NoCondition};

#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum ConditionToken {
    Open,
    Close,
    BeginSet,
    EndSet,
    Comma,
    Not,
    And,
    Or,
    Attribute(Attribute),
    /// A value in quotation marks.
    Text(String),
    /// A name, or a value without quotation marks.
    Word(String),
}

/// Takes a text apart.
pub(super) fn tokens(text: &str) -> Result<Vec<ConditionToken>, NoCondition> {
    let mut tokens = Vec::new();
    let mut rest = text.trim_start();
    while let Some(first) = rest.chars().next() {
        let (token, after) = match first {
            '(' => (ConditionToken::Open, &rest[1..]),
            ')' => (ConditionToken::Close, &rest[1..]),
            '{' => (ConditionToken::BeginSet, &rest[1..]),
            '}' => (ConditionToken::EndSet, &rest[1..]),
            ',' => (ConditionToken::Comma, &rest[1..]),
            '!' => (ConditionToken::Not, &rest[1..]),
            '\'' => text_of(&rest[1..])?,
            '@' => attribute(&rest[1..])?,
            _ if rest.starts_with("&&") => (ConditionToken::And, &rest[2..]),
            _ if rest.starts_with("||") => (ConditionToken::Or, &rest[2..]),
            _ => word(rest)?,
        };
        tokens.push(token);
        rest = after.trim_start();
    }
    Ok(tokens)
}

fn text_of(rest: &str) -> Result<(ConditionToken, &str), NoCondition> {
    let (value, after) = rest.split_once('\'').ok_or(NoCondition)?;
    Ok((ConditionToken::Text(value.to_owned()), after))
}

/// `Request[Microsoft.Authorization/roleAssignments:PrincipalType]`, behind its at sign.
fn attribute(rest: &str) -> Result<(ConditionToken, &str), NoCondition> {
    let (source, rest) = rest.split_once('[').ok_or(NoCondition)?;
    let (name, after) = rest.split_once(']').ok_or(NoCondition)?;
    let source = match source.to_ascii_lowercase().as_str() {
        "request" => AttributeSource::Request,
        "resource" => AttributeSource::Resource,
        "principal" | "environment" => AttributeSource::Elsewhere,
        _ => return Err(NoCondition),
    };
    if name.trim().is_empty() {
        return Err(NoCondition);
    }
    let name = name.trim().to_ascii_lowercase();
    Ok((ConditionToken::Attribute(Attribute { source, name }), after))
}

fn word(rest: &str) -> Result<(ConditionToken, &str), NoCondition> {
    let belongs = |letter: char| letter.is_ascii_alphanumeric() || "-_.:/+".contains(letter);
    let end = rest.find(|letter| !belongs(letter)).unwrap_or(rest.len());
    let (word, after) = rest.split_at(end);
    let token = match word.to_ascii_uppercase().as_str() {
        "" => return Err(NoCondition),
        "AND" => ConditionToken::And,
        "OR" => ConditionToken::Or,
        "NOT" => ConditionToken::Not,
        _ => ConditionToken::Word(word.to_owned()),
    };
    Ok((token, after))
}
