//! Roles that somebody takes from a group by hand or gives to it, by hand.

use super::deeds::Deed::{
    GiveRole, TakeAppRole, TakeAzureRole, TakeEligibleRole, TakeRole,
};
use super::outcome::{assert_seen, put_right, told};

#[tokio::test(start_paused = true)]
async fn a_role_that_was_taken_is_bound_again_and_one_that_was_given_is_told() {
    assert_seen([
        put_right("a directory role", 0, TakeRole, "Exchange Administrator"),
        put_right(
            "an eligible directory role",
            0,
            TakeEligibleRole,
            "Message Center Reader",
        ),
        put_right("an Azure role", 1, TakeAzureRole, "Key Vault Administrator"),
        put_right("an app role", 2, TakeAppRole, "Admin.Write"),
        told(
            "another directory role",
            2,
            GiveRole,
            "Message Center Reader",
        ),
    ])
    .await;
}
