//! Enumerations of the service as we read them: the names we know, and whatever else it says.
//!
//! Documented samples and live answers differ in case (`Direct`, `direct`), and new members appear without notice, so
//! reading is without regard to case and never fails. Writing uses the documented spelling.

/// Declares an enumeration of known texts with a further variant `Other` for the rest.
macro_rules! open_enum {
    (
        $(#[$meta:meta])*
        $name:ident { $($(#[$variant_meta:meta])* $variant:ident = $text:literal,)+ }
    ) => {
        $(#[$meta])*
        #[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum $name {
            $($(#[$variant_meta])* $variant,)+
            /// A value that this version does not know, as it was read.
            Other(String),
        }

        impl $name {
            /// The text of the service.
            pub fn as_str(&self) -> &str {
                match self {
                    $(Self::$variant => $text,)+
                    Self::Other(text) => text,
                }
            }
        }

        impl From<&str> for $name {
            fn from(text: &str) -> Self {
                $(if text.eq_ignore_ascii_case($text) {
                    return Self::$variant;
                })+
                Self::Other(text.to_owned())
            }
        }

        impl std::fmt::Display for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str(self.as_str())
            }
        }

        impl serde::Serialize for $name {
            fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                serializer.serialize_str(self.as_str())
            }
        }

        impl<'de> serde::Deserialize<'de> for $name {
            fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                let text = <std::borrow::Cow<'de, str> as serde::Deserialize>::deserialize(deserializer)?;
                Ok(Self::from(text.as_ref()))
            }
        }
    };
}

pub(crate) use open_enum;

#[cfg(test)]
mod tests {
    open_enum! {
        /// A sample.
        Sample { /// One.
            Direct = "direct", /// Two.
            Group = "group", }
    }

    #[test]
    fn case_does_not_matter_and_the_unknown_is_kept() {
        let read: Vec<Sample> = serde_json::from_str(r#"["Direct","GROUP","inherited"]"#).unwrap();
        assert_eq!(
            read,
            [
                Sample::Direct,
                Sample::Group,
                Sample::Other("inherited".into())
            ]
        );
        assert_eq!(
            serde_json::to_string(&read).unwrap(),
            r#"["direct","group","inherited"]"#
        );
    }
}
