//! Rules of the schema that several fields share, in CEL, each with a message that says what is wanted. What only one
//! field asks for stands beside that field.
//!
//! The API server matches regular expressions with RE2, whose classes `\p{..}` are the general categories of Unicode
//! (kubernetes.io: custom resource definitions, validation rules). The estimated cost of a rule grows with the length of
//! its expression times that of the text, and the budget of a kind is limited, so expressions are kept short.

use schemars::{Schema, json_schema};

/// Letters and signs that show nothing, whatever their category: joiners, Hangul fillers, inherent vowels of Khmer and the
/// blank of Braille (Unicode: `Default_Ignorable_Code_Point`). Variation selectors stay: they belong to emoji.
const INVISIBLE: &str = r"\u034F\u115F\u1160\u17B4\u17B5\u2800\u3164\uFFA0";

/// What a text must not hold: blanks at its ends, and control characters, format characters (zero-width blanks, soft
/// hyphens, marks that turn the direction around), separators of lines, the no-break blank and what shows nothing
/// anywhere.
fn unclean() -> String {
    format!(r"'^\\pZ|\\pZ$|[\\p{{Cc}}\\p{{Cf}}\\p{{Zl}}\\p{{Zp}}\\xA0{INVISIBLE}]'")
}

const CLEAN: &str = "write one line without blanks at its ends and without control or invisible characters, such as line breaks, tabs, \
     no-break or zero-width blanks and marks that turn the direction around";

/// What an address holds beside its `@`: nothing that cannot be seen.
fn visible() -> String {
    format!(r"[^@\\pZ\\p{{Cc}}\\p{{Cf}}{INVISIBLE}]+")
}

/// A mail address or user principal name as a pattern of CEL: exactly one `@`, and nothing that cannot be seen.
pub fn address_pattern() -> String {
    format!("'^{0}@{0}$'", visible())
}

/// The forms of a time that the API server and the operator read alike: a fraction has nine digits at the most.
const TIME: &str = r"^[0-9-]{10}T[0-9:]{8}([.][0-9]{1,9})?(Z|[+-]([01][0-9]|2[0-3]):[0-5][0-9])$";

/// What can name an object of Kubernetes (RFC 1123 subdomain).
pub const OBJECT_NAME: &str = "^[a-z0-9]([-a-z0-9.]*[a-z0-9])?$";

const NAMES_AN_OBJECT: &str = "write the name of an object: lower-case letters, digits, - and ., with a letter or digit at both ends";

/// Adds a rule with its message to a schema.
pub fn add_rule(schema: &mut Schema, rule: &str, message: &str) {
    const RULES: &str = "x-kubernetes-validations";
    let mut addition = json_schema!({RULES: [{"rule": rule, "message": message}]});
    let Some(mut rules) = addition.remove(RULES) else {
        return;
    };
    if let Some(present) = schema.remove(RULES)
        && let (Some(present), Some(added)) = (present.as_array(), rules.as_array_mut())
    {
        added.splice(0..0, present.iter().cloned());
    }
    schema.insert(RULES.to_owned(), rules);
}

/// A list of ways to hold a role of a system that keeps no schedules: nothing can be activated there.
pub fn active_only(schema: &mut Schema) {
    let active = json_schema!({"type": "string", "enum": ["Active"], "description": "Held without activating the role."});
    schema.insert("items".to_owned(), active.to_value());
}

/// A text for people: one line, nothing invisible in it.
pub fn clean_text(schema: &mut Schema) {
    add_rule(schema, &format!("!self.matches({})", unclean()), CLEAN);
}

/// A list of such texts.
pub fn clean_texts(schema: &mut Schema) {
    let rule = format!("self.all(text, !text.matches({}))", unclean());
    add_rule(schema, &rule, CLEAN);
}

/// The name of an object of Kubernetes.
pub fn object_name(schema: &mut Schema) {
    let rule = format!("self.matches('{OBJECT_NAME}')");
    add_rule(schema, &rule, NAMES_AN_OBJECT);
}

/// A list of such names.
pub fn object_names(schema: &mut Schema) {
    let rule = format!("self.all(name, name.matches('{OBJECT_NAME}'))");
    add_rule(schema, &rule, NAMES_AN_OBJECT);
}

/// The key of a value in a Secret or ConfigMap.
pub fn data_key(schema: &mut Schema) {
    let message = "write a key of the object: letters, digits, -, _ and .";
    add_rule(schema, "self.matches('^[-._a-zA-Z0-9]+$')", message);
}

/// A list of ends of user principal names.
pub fn address_suffixes(schema: &mut Schema) {
    let rule = format!("self.all(suffix, suffix.matches('^@{}$'))", visible());
    let message =
        "a suffix begins with @ and holds no second one and no blank, for example @contoso.com";
    add_rule(schema, &rule, message);
}

/// Demands that a text is one mail address without a name around it.
pub fn address(schema: &mut Schema) {
    let message =
        "write one mail address without a name around it, for example security@contoso.com";
    add_rule(
        schema,
        &format!("self.matches({})", address_pattern()),
        message,
    );
}

/// A point in time that every part of the operator, and the service, can hold.
pub fn time(schema: &mut Schema) {
    schema.insert("pattern".to_owned(), TIME.into());
    schema.insert("maxLength".to_owned(), 40.into());
    add_rule(
        schema,
        "self >= timestamp('2000-01-01T00:00:00Z') && self < timestamp('9000-01-01T00:00:00Z')",
        "write a time between the years 2000 and 9000, for example 2027-01-01T00:00:00Z; what never ends is written expiration: {never: {}}",
    );
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_rule_comes_after_those_that_are_there() {
        let mut schema = json_schema!({"type": "string"});
        add_rule(&mut schema, "first", "one");
        add_rule(&mut schema, "second", "two");
        let rules = schema.get("x-kubernetes-validations").unwrap();
        assert_eq!(rules[0]["rule"], "first");
        assert_eq!(rules[1]["message"], "two");
    }
}
