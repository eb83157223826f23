//! Ends that somebody moves by hand.

use super::deeds::Deed::End;
use super::outcome::{assert_seen, put_right};

#[tokio::test(start_paused = true)]
async fn an_end_that_was_moved_is_put_back() {
    assert_seen([
        put_right(
            "an earlier end of an eligibility",
            0,
            End("season", "2026-12-24T00:00:00Z"),
            "season0@contoso.com",
        ),
        put_right(
            "a later end of an eligibility",
            1,
            End("daily", "2027-02-10T00:00:00Z"),
            "daily1@contoso.com",
        ),
        put_right(
            "a shorter active membership",
            2,
            End("quarter", "2026-12-24T00:00:00Z"),
            "quarter2@contoso.com",
        ),
        put_right(
            "a longer active membership",
            0,
            End("project", "2027-03-01T00:00:00Z"),
            "project0@contoso.com",
        ),
        put_right(
            "an end where there was none",
            1,
            End("standing", "2027-03-01T00:00:00Z"),
            "standing1@contoso.com",
        ),
        put_right(
            "a longer ownership",
            2,
            End("cover", "2027-03-01T00:00:00Z"),
            "cover2@contoso.com",
        ),
    ])
    .await;
}
