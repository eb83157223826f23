//! People, groups and applications that somebody puts in and takes out by hand.

use super::deeds::Deed::{Give, Join, Take};
use super::made::{Way, Window};
use super::outcome::{assert_seen, put_right, told};

#[tokio::test(start_paused = true)]
async fn whoever_was_taken_out_is_in_again() {
    assert_seen([
        put_right("an eligible member", 0, Take("daily"), "daily0@contoso.com"),
        put_right(
            "an eligible member of later",
            1,
            Take("later"),
            "later1@contoso.com",
        ),
        put_right("an eligible group", 2, Take("team"), "Team-Exchange"),
        put_right(
            "an eligible owner",
            0,
            Take("deputy"),
            "deputy0@contoso.com",
        ),
        put_right(
            "an active member",
            1,
            Take("standing"),
            "standing1@contoso.com",
        ),
        put_right(
            "an active member of later",
            2,
            Take("relief"),
            "relief2@contoso.com",
        ),
        put_right("an application", 2, Take("robot"), "Nightly Automation"),
        put_right("an owner of PIM", 0, Take("keeper"), "keeper0@contoso.com"),
        put_right("a plain member", 1, Take("auditor"), "auditor1@contoso.com"),
        put_right("a plain owner", 2, Take("founder"), "founder2@contoso.com"),
    ])
    .await;
}

#[tokio::test(start_paused = true)]
async fn whoever_was_put_in_is_told_and_stays() {
    assert_seen([
        told(
            "an eligible stranger",
            0,
            Give(
                Way::Eligible,
                "member",
                "dana@contoso.com",
                Window::Days(30),
            ),
            "dana@contoso.com",
        ),
        told(
            "an active stranger",
            1,
            Give(Way::Active, "member", "jose@contoso.com", Window::Days(10)),
            "jose@contoso.com",
        ),
        told(
            "a plain stranger",
            2,
            Join("members", "grace@contoso.com"),
            "grace@contoso.com",
        ),
        told(
            "another owner",
            0,
            Join("owners", "farid@contoso.com"),
            "farid@contoso.com",
        ),
        told(
            "another eligible owner",
            1,
            Give(
                Way::Eligible,
                "owner",
                "amira@contoso.com",
                Window::Days(10),
            ),
            "amira@contoso.com",
        ),
    ])
    .await;
}
