//! Mail that nobody would get.

use super::fixture::*;
use crate::schedule::End;
use crate::settings::{DefaultRecipients, MailAddress, Mails, Notifications};
use crate::verdict::UnheardMail;

fn unheard(world: &World) -> UnheardMail {
    group_record(&world.plan()).unheard_mail.clone()
}

fn to_administrators(mails: Mails) -> Notifications {
    Notifications {
        admin: Some(mails),
        ..Notifications::default()
    }
}

#[test]
fn mail_of_a_group_without_a_permanent_owner_reaches_nobody() {
    let mut world = World::new();
    assert_eq!(
        unheard(&world),
        UnheardMail::Found(vec!["activation", "eligible", "active"])
    );
    world.stands(owner_key("ann"), End::Never);
    assert_eq!(unheard(&world), UnheardMail::Found(Vec::new()));
}

#[test]
fn mail_to_an_address_is_heard_and_mail_that_is_switched_off_is_nobodys_loss() {
    let mut world = World::new();
    let policy = &mut world.desired.group.policy.member;
    policy.notifications.get_or_insert_default().activation = Some(to_administrators(Mails {
        recipients: Some(vec![MailAddress("sec@contoso.com".to_owned())]),
        ..Mails::default()
    }));
    policy.notifications.get_or_insert_default().eligible = Some(to_administrators(Mails {
        default_recipients: Some(DefaultRecipients::Disabled),
        ..Mails::default()
    }));
    assert_eq!(unheard(&world), UnheardMail::Found(vec!["active"]));
}

#[test]
fn nothing_is_said_of_owners_who_were_not_read() {
    let mut world = World::new();
    world.observed.active = crate::knowledge::Read::Unread;
    assert_eq!(unheard(&world), UnheardMail::Unread);
}
