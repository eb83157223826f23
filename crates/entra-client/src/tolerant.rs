//! Reading what the service and its portals really store: null for an empty list, text for a boolean, dates beyond the
//! end of every calendar. None of it may make a whole answer unreadable.

use jiff::Timestamp;
use serde::{Deserialize, Deserializer};
use serde_json::Value;

/// Null means what absent means.
pub(crate) fn or_default<'de, D, T>(deserializer: D) -> Result<T, D::Error>
where
    D: Deserializer<'de>,
    T: Deserialize<'de> + Default,
{
    Ok(Option::<T>::deserialize(deserializer)?.unwrap_or_default())
}

/// A boolean, also where somebody stored the word.
pub(crate) fn boolean<'de, D: Deserializer<'de>>(deserializer: D) -> Result<bool, D::Error> {
    let value = Value::deserialize(deserializer)?;
    let word = value.as_str().map(str::to_ascii_lowercase);
    match (&value, word.as_deref()) {
        (Value::Bool(known), _) => Ok(*known),
        (_, Some("true")) => Ok(true),
        (_, Some("false")) | (Value::Null, _) => Ok(false),
        _ => Err(serde::de::Error::custom(format!("{value} is no boolean"))),
    }
}

/// A moment. One that lies beyond the range of what can be told is its end, never "no end".
pub(crate) fn moment<'de, D: Deserializer<'de>>(
    deserializer: D,
) -> Result<Option<Timestamp>, D::Error> {
    let Some(text) = Option::<String>::deserialize(deserializer)? else {
        return Ok(None);
    };
    if text.is_empty() {
        return Ok(None);
    }
    match text.parse() {
        Ok(moment) => Ok(Some(moment)),
        Err(reason) => match text.get(..4).and_then(|year| year.parse::<i32>().ok()) {
            Some(year) if year >= 9999 => Ok(Some(Timestamp::MAX)),
            Some(year) if year <= 1 => Ok(Some(Timestamp::MIN)),
            _ => Err(serde::de::Error::custom(reason)),
        },
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[derive(Deserialize)]
    struct Row {
        #[serde(default, deserialize_with = "moment")]
        end: Option<Timestamp>,
        #[serde(default, deserialize_with = "boolean")]
        on: bool,
        #[serde(default, deserialize_with = "or_default")]
        list: Vec<u8>,
    }

    fn row(text: &str) -> Row {
        serde_json::from_str(text).unwrap()
    }

    #[test]
    fn the_usual_date_for_never_is_the_end_of_time() {
        let read = row(r#"{"end":"9999-12-31T23:59:59Z"}"#);
        assert_eq!(read.end, Some(Timestamp::MAX));
        assert_eq!(
            row(r#"{"end":"0001-01-01T00:00:00Z"}"#).end,
            "0001-01-01T00:00:00Z".parse().ok()
        );
        assert!(serde_json::from_str::<Row>(r#"{"end":"soon"}"#).is_err());
    }

    #[test]
    fn null_is_empty_and_words_are_booleans() {
        let read = row(r#"{"end":null,"on":"True","list":null}"#);
        assert!(read.end.is_none() && read.on && read.list.is_empty());
    }
}
