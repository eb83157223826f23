//! The versions of Graph: v1.0 is served as far as the areas go, beta as far as clients need it for groups.

/// A version of Graph. The first segment of every path names one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Version {
    V1,
    /// Only the operations that say so are served in it.
    Beta,
}

impl Version {
    /// The version that the first segment of a path names, if it names one.
    pub(crate) fn of(segment: &str) -> Option<Self> {
        [Self::V1, Self::Beta]
            .into_iter()
            .find(|version| version.segment() == segment)
    }

    pub(crate) const fn segment(self) -> &'static str {
        match self {
            Self::V1 => "v1.0",
            Self::Beta => "beta",
        }
    }
}
