//! Words of a filter expression.

use std::iter::Peekable;
use std::str::CharIndices;

/// A word of a filter expression.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Token {
    /// A property path, an operator, a bare literal: anything without spaces, quotes, commas and parentheses.
    Word(String),
    /// A quoted string with its doubled quotes undone.
    Text(String),
    Open,
    Close,
    Comma,
    Colon,
}

/// Splits an expression. `Err` holds what is wrong, in words.
pub(super) fn tokens(source: &str) -> Result<Vec<Token>, String> {
    let mut tokens = Vec::new();
    let mut chars = source.char_indices().peekable();
    while let Some(&(start, c)) = chars.peek() {
        let token = match c {
            '(' => Some(Token::Open),
            ')' => Some(Token::Close),
            ',' => Some(Token::Comma),
            _ => None,
        };
        if let Some(token) = token {
            chars.next();
            tokens.push(token);
        } else if c.is_whitespace() {
            chars.next();
        } else if c == '\'' {
            chars.next();
            tokens.push(Token::Text(quoted(&mut chars, start)?));
        } else if c == ':' {
            chars.next();
            tokens.push(Token::Colon);
        } else {
            tokens.push(Token::Word(word(&mut chars)));
        }
    }
    Ok(tokens)
}

fn quoted(chars: &mut Peekable<CharIndices<'_>>, start: usize) -> Result<String, String> {
    let mut text = String::new();
    while let Some((_, c)) = chars.next() {
        if c != '\'' {
            text.push(c);
        } else if chars.next_if(|(_, next)| *next == '\'').is_some() {
            text.push('\'');
        } else {
            return Ok(text);
        }
    }
    Err(format!(
        "There is an unterminated string literal at position {start}"
    ))
}

/// A word ends at space, quote, comma or parenthesis. A colon ends it too, unless the word began with a digit: then it
/// is a time.
fn word(chars: &mut Peekable<CharIndices<'_>>) -> String {
    let mut text = String::new();
    while let Some(&(_, c)) = chars.peek() {
        let time = text.starts_with(|first: char| first.is_ascii_digit());
        if c.is_whitespace() || matches!(c, '(' | ')' | ',' | '\'') || (c == ':' && !time) {
            break;
        }
        text.push(c);
        chars.next();
    }
    text
}
