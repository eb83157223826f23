//! Roles that somebody takes from a group by hand or gives to it, and the deletion of the group itself.

use super::deeds::Deed::{
    DeleteGroup, GiveRole, TakeAppRole, TakeAzureRole, TakeEligibleRole, TakeRole,
};
use super::outcome::{Change, Outcome, assert_seen, put_right, told};

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

/// The restore, two policies, three ends that the service forgets, six who are not simply members or owners, and an application
/// that comes back as a plain member, whom PIM does not list as such.
const OF_A_RESTORE: usize = 13;

#[tokio::test(start_paused = true)]
async fn a_group_that_was_deleted_is_brought_back_with_everybody_in_it() {
    let deletion = Change {
        name: "the group",
        group: 1,
        deed: DeleteGroup,
        names: "deleted",
        outcome: Outcome::PutRight(OF_A_RESTORE),
    };
    assert_seen([deletion]).await;
}
