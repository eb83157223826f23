//! How long the service needs, and arithmetic with moments. Decides nothing.

use jiff::{SignedDuration, Timestamp};

/// How long something must have been seen before it is taken away although no object was edited for that: an object or an edit
/// that explains it may be on its way. Losing what is remembered makes that longer.
pub const DWELLS: SignedDuration = SignedDuration::from_mins(5);

/// How far apart two reads must be that show the same absence, and how long after a write the first of them may come:
/// lists of the service lag by seconds up to a minute (microsoftgraph/msgraph-sdk-dotnet#2772).
pub const APART: SignedDuration = SignedDuration::from_mins(1);

/// How long a group that may exist must be missing before it counts as gone. A new group is readable after a minute or
/// two (microsoftgraph/msgraph-sdk-dotnet#2772); making a second one is the costlier mistake.
pub const GROUP_GONE: SignedDuration = SignedDuration::from_mins(5);

/// How long replication can be the reason that the service does not carry out a request.
pub const REPLICATION: SignedDuration = SignedDuration::from_mins(15);

/// A moment so much later; the end of time at the latest.
pub fn later(time: Timestamp, by: SignedDuration) -> Timestamp {
    time.checked_add(by).unwrap_or(Timestamp::MAX)
}

/// Status keeps whole seconds, and people are told of no fractions.
pub fn whole_second(time: Timestamp) -> Timestamp {
    Timestamp::from_second(time.as_second()).unwrap_or(time)
}

/// A moment as people are told of it: not before it, in whole seconds.
pub fn next_whole_second(time: Timestamp) -> Timestamp {
    let begun = whole_second(time);
    if begun == time {
        return time;
    }
    begun
        .checked_add(SignedDuration::from_secs(1))
        .unwrap_or(time)
}
