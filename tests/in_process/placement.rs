//! A fault at every write of the story, to the tenant and to Kubernetes, each kind of fault at each. Whatever happens,
//! the end is the same, everything was made once, and at no instant did anybody hold what was not declared.
//!
//! A process that is killed before a write leaves the same behind as one that is killed after the write before it, so
//! being killed after each write, and before the first, is being killed everywhere. Of a batch the service executes the
//! items up to the one that is struck.

use std::sync::LazyLock;

use tokio::runtime::Builder;

use super::harness::{Mode, Strike};
use super::story::{self, Part};

/// The writes of each part when nothing goes wrong.
static CLEAN: LazyLock<Vec<(Part, Vec<String>)>> = LazyLock::new(|| live(None));

/// Lives a story in a runtime of its own, in which time jumps when nobody has anything to do.
fn live(fault: Option<(Part, Strike)>) -> Vec<(Part, Vec<String>)> {
    let runtime = Builder::new_current_thread()
        .enable_time()
        .start_paused(true)
        .build()
        .unwrap();
    runtime.block_on(story::tell(fault))
}

fn writes(part: Part) -> &'static [String] {
    let found = CLEAN.iter().find(|(one, _)| *one == part);
    &found.unwrap().1
}

fn strike(part: Part, mode: Mode, at: usize) {
    println!("{part:?}, {mode:?} at {at}: {}", writes(part)[at - 1]);
    live(Some((part, Strike { at, mode })));
}

fn killed_anywhere(part: Part) {
    strike(part, Mode::KilledBefore, 1);
    for at in 1..=writes(part).len() {
        strike(part, Mode::KilledAfter, at);
    }
}

fn any_answer_lost(part: Part) {
    for at in 1..=writes(part).len() {
        strike(part, Mode::AnswerLost, at);
    }
}

/// Strikes at every write to the tenant that is chosen.
fn in_the_tenant(mode: Mode, chosen: impl Fn(&str) -> bool) {
    for part in Part::ALL {
        for (place, write) in writes(part).iter().enumerate() {
            if !write.contains("/apis/") && chosen(write) {
                strike(part, mode, place + 1);
            }
        }
    }
}

#[test]
fn creation_survives_being_killed_at_any_write() {
    killed_anywhere(Part::Creation);
}

#[test]
fn creation_survives_the_loss_of_any_answer() {
    any_answer_lost(Part::Creation);
}

#[test]
fn a_change_survives_being_killed_at_any_write() {
    killed_anywhere(Part::Change);
}

#[test]
fn a_change_survives_the_loss_of_any_answer() {
    any_answer_lost(Part::Change);
}

#[test]
fn teardown_survives_being_killed_at_any_write() {
    killed_anywhere(Part::Teardown);
}

#[test]
fn teardown_survives_the_loss_of_any_answer() {
    any_answer_lost(Part::Teardown);
}

#[test]
fn the_story_survives_that_any_write_to_the_tenant_is_executed_twice() {
    // A group is made by a plain request, which makes as many groups as it is executed.
    in_the_tenant(Mode::Doubled, |write| !write.ends_with("POST /v1.0/groups"));
}

#[test]
fn the_story_survives_that_any_write_to_the_tenant_is_shown_late() {
    in_the_tenant(Mode::ShownLate, |_| true);
}
