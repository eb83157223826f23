//! What happens to the people themselves.

use serde_json::json;

use super::deeds::Deed::{Activate, DeleteUser, Disable, Take, User};
use super::outcome::{Change, Outcome, assert_seen, told};

#[tokio::test(start_paused = true)]
async fn what_happens_to_people_is_told_and_nothing_is_written() {
    assert_seen([
        told("an activation", 0, Activate("daily"), "daily0@contoso.com"),
        told(
            "another name",
            1,
            User(
                "season",
                json!({"userPrincipalName": "married@contoso.com"}),
            ),
            "season1@contoso.com",
        ),
        told(
            "a deleted account",
            2,
            DeleteUser("season"),
            "season2@contoso.com",
        ),
    ])
    .await;
}

#[tokio::test(start_paused = true)]
async fn a_disabled_account_keeps_what_it_has_without_a_word_and_gets_nothing_again() {
    let unheard = Change {
        name: "a disabled account",
        group: 0,
        deed: Disable("season"),
        // Everything that is declared stands, and the account gets nothing of it while it is off.
        names: "",
        outcome: Outcome::Unheard,
    };
    assert_seen([
        unheard,
        told(
            "the same, taken out",
            0,
            Take("season"),
            "account is disabled",
        ),
    ])
    .await;
}
