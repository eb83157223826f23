//! What the audit log of a tenant tells of a group: who did what there. It comes minutes late and may leave things out, so
//! nothing is granted or taken away because of it; it says whose doing a difference is, and what an access review took away.

use std::fmt;

use jiff::{SignedDuration, Timestamp};

use crate::ids::PrincipalId;
use crate::knowledge::later;
use crate::schedule::Access;

/// How late the log shows what was done, as a rule (learn.microsoft.com: reference-reports-latencies, two to five minutes).
pub const LAG: SignedDuration = SignedDuration::from_mins(5);

/// A log that was not read for this long is not waited for.
const CURRENT: SignedDuration = SignedDuration::from_mins(10);

/// How long before a difference is found it may have been made, to be ascribed to what the log shows.
const EARLIER: SignedDuration = SignedDuration::from_hours(2);

/// What the log tells of one group.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct AuditLog {
    /// When it was last read; none where it may not be read.
    pub read: Option<Timestamp>,
    /// What others did in the group, oldest first.
    pub deeds: Vec<Deed>,
}

/// What somebody did in a group.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Deed {
    /// When it was done.
    pub at: Timestamp,
    /// Who did it.
    pub author: Author,
    /// What it was about.
    pub about: Matter,
}

/// What a deed was about.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Matter {
    /// The PIM settings for members or for owners; for either, where the log does not say.
    Settings(Option<Access>),
    /// Access of somebody; as member or as owner, where the log says so.
    Access {
        /// Whose access it was.
        principal: PrincipalId,
        /// Whether they are member or owner.
        access: Option<Access>,
        /// Whether it was given or taken away.
        change: AccessChange,
    },
}

/// Something that others may have touched, and of which the log would tell.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Touched {
    /// The PIM settings for members or for owners.
    Settings(Access),
    /// Access of somebody, as member or as owner.
    Access(Access, PrincipalId),
}

/// Whether access was given or taken away.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum AccessChange {
    /// It was given, or its window was changed.
    Given,
    /// It was taken away.
    Taken,
}

/// Who did something.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Author {
    /// The object id of the user or service principal.
    pub id: Option<PrincipalId>,
    /// What the log calls them.
    pub name: Option<String>,
    /// Whether it was an access review.
    pub kind: AuthorKind,
}

/// Of which kind an author is.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum AuthorKind {
    /// A person or an application.
    #[default]
    Principal,
    /// The service of access reviews, which carries out what reviewers decided.
    AccessReview,
}

impl fmt::Display for Author {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match (&self.name, self.id) {
            (Some(name), Some(id)) => write!(f, "{name} ({id})"),
            (Some(name), None) => f.write_str(name),
            (None, Some(id)) => write!(f, "{id}"),
            (None, None) => f.write_str("somebody"),
        }
    }
}

impl AuditLog {
    /// Whether it is read at all and was not long ago: what it may still tell is worth a wait.
    pub fn is_current(&self, now: Timestamp) -> bool {
        self.read.is_some_and(|read| later(read, CURRENT) > now)
    }

    /// Until when something that is missing since a moment may yet be explained; none when the log was read late enough.
    pub fn silent_until(&self, missing_since: Timestamp) -> Option<Timestamp> {
        let until = later(missing_since, LAG);
        self.read.filter(|read| *read < until).map(|_| until)
    }

    /// The access review that took something away from somebody, after it was granted.
    pub fn review(
        &self,
        access: Access,
        principal: PrincipalId,
        granted: Timestamp,
    ) -> Option<&Deed> {
        self.last(|deed| {
            deed.author.kind == AuthorKind::AccessReview
                && deed.at >= granted
                && deed.about.is_of(access, principal)
                && deed.about.takes()
        })
    }

    /// Who did something last that had to be put right, as far as the log tells.
    pub fn author_of(&self, touched: Touched) -> Option<&Author> {
        let now = self.read?;
        let is_meant = |deed: &Deed| later(deed.at, EARLIER) > now && deed.about.is_about(touched);
        self.last(is_meant).map(|deed| &deed.author)
    }

    /// Who last gave access to somebody, as far as the log tells.
    pub fn giver(&self, whose: PrincipalId) -> Option<&Author> {
        let gives = |about: &Matter| matches!(about, Matter::Access { principal, change: AccessChange::Given, .. } if *principal == whose);
        self.last(|deed| gives(&deed.about))
            .map(|deed| &deed.author)
    }

    /// Who last took access away from somebody, as far as the log tells.
    pub fn remover(&self, access: Access, principal: PrincipalId) -> Option<&Author> {
        let takes = |deed: &Deed| deed.about.is_of(access, principal) && deed.about.takes();
        self.last(takes).map(|deed| &deed.author)
    }

    /// The last deed of some kind.
    fn last(&self, is_meant: impl Fn(&Deed) -> bool) -> Option<&Deed> {
        self.deeds.iter().rev().find(|deed| is_meant(deed))
    }
}

impl Matter {
    fn is_of(&self, of: Access, whose: PrincipalId) -> bool {
        matches!(self, Self::Access { principal, access, .. } if *principal == whose && access.is_none_or(|access| access == of))
    }

    fn takes(&self) -> bool {
        matches!(
            self,
            Self::Access {
                change: AccessChange::Taken,
                ..
            }
        )
    }

    /// Whether it was about what was touched.
    pub fn is_about(&self, touched: Touched) -> bool {
        match touched {
            Touched::Settings(of) => {
                matches!(self, Self::Settings(access) if access.is_none_or(|access| access == of))
            }
            Touched::Access(access, principal) => self.is_of(access, principal),
        }
    }
}

#[cfg(test)]
mod tests {
    use uuid::Uuid;

    use super::*;

    const ANN: PrincipalId = PrincipalId(Uuid::from_u128(1));

    fn at(minute: i64) -> Timestamp {
        Timestamp::from_second(1_800_000_000 + minute * 60).unwrap()
    }

    fn deed(minute: i64, name: &str, kind: AuthorKind, change: AccessChange) -> Deed {
        Deed {
            at: at(minute),
            author: Author {
                id: None,
                name: Some(name.to_owned()),
                kind,
            },
            about: Matter::Access {
                principal: ANN,
                access: None,
                change,
            },
        }
    }

    #[test]
    fn a_difference_is_the_doing_of_whoever_touched_it_last_and_not_long_ago() {
        let (person, given) = (AuthorKind::Principal, AccessChange::Given);
        let log = |read| AuditLog {
            read: Some(at(read)),
            deeds: vec![deed(0, "one", person, given), deed(5, "two", person, given)],
        };
        let of = |principal| Touched::Access(Access::Member, principal);
        let name = |touched, read| {
            let log = log(read);
            log.author_of(touched).map(ToString::to_string)
        };
        assert_eq!(name(of(ANN), 6).as_deref(), Some("two"));
        assert_eq!(name(of(ANN), 5 + 120), None);
        assert_eq!(name(of(PrincipalId(Uuid::nil())), 6), None);
    }

    #[test]
    fn only_a_review_that_took_something_away_after_it_was_granted_counts() {
        for (kind, change, granted, counts) in [
            (AuthorKind::AccessReview, AccessChange::Taken, 4, true),
            (AuthorKind::AccessReview, AccessChange::Taken, 6, false),
            (AuthorKind::AccessReview, AccessChange::Given, 4, false),
            (AuthorKind::Principal, AccessChange::Taken, 4, false),
        ] {
            let log = AuditLog {
                read: Some(at(9)),
                deeds: vec![deed(5, "x", kind, change)],
            };
            let found = log.review(Access::Member, ANN, at(granted));
            assert_eq!(found.is_some(), counts, "{kind:?} {change:?} {granted}");
        }
    }

    #[test]
    fn the_log_is_waited_for_while_it_is_read_and_may_still_tell() {
        let never = AuditLog::default();
        assert!(!never.is_current(at(0)));
        let log = AuditLog {
            read: Some(at(3)),
            deeds: Vec::new(),
        };
        assert!(log.is_current(at(12)) && !log.is_current(at(13)));
        assert_eq!(log.silent_until(at(0)), Some(at(5)));
        assert_eq!(log.silent_until(at(-2)), None);
    }
}
