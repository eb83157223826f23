//! A fault at every write of the story, to the tenant and to Kubernetes, each kind of fault at each. Whatever happens,
//! the end is the same, everything was made once, and at no instant did anybody hold what was not declared.
//!
//! A process that is killed before a write leaves the same behind as one that is killed after the write before it, so
//! being killed after each write, and before the first, is being killed everywhere. Of a batch the service executes the
//! items up to the one that is struck.

use tokio::runtime::Builder;

use super::harness::{FaultPoint, Mode, World};
use super::story::{self, Part};

/// Each part writes at least so often to the tenant: fewer strikes mean that faults are not placed any more.
const FEWEST: usize = 4;

/// Lives a story with one fault. Says what was struck.
fn live(part: Part, point: FaultPoint) -> Option<String> {
    in_paused_time(async {
        let told = story::tell(&World::new(), &[(part, point)]).await;
        told.struck.into_iter().next()
    })
}

/// Lives a story in a runtime of its own, in which time jumps when nobody has anything to do.
pub fn in_paused_time<T>(story: impl Future<Output = T>) -> T {
    let runtime = Builder::new_current_thread()
        .enable_time()
        .start_paused(true)
        .build()
        .unwrap();
    runtime.block_on(story)
}

/// Strikes at one write after the other, until a story had no write at the place.
fn strike_everywhere(part: Part, mode: Mode) {
    for at in 1.. {
        println!("{part:?}, {mode:?} at {at}");
        let Some(struck) = live(part, FaultPoint { at, mode }) else {
            assert!(at > FEWEST, "{part:?} was struck only {} times", at - 1);
            return;
        };
        println!("  {struck}");
    }
}

fn killed_anywhere(part: Part) {
    let mode = Mode::KilledBefore;
    assert!(live(part, FaultPoint { at: 1, mode }).is_some());
    strike_everywhere(part, Mode::KilledAfter);
}

#[test]
fn creation_survives_being_killed_at_any_write() {
    killed_anywhere(Part::Creation);
}

#[test]
fn creation_survives_the_loss_of_any_answer() {
    strike_everywhere(Part::Creation, Mode::AnswerLost);
}

#[test]
fn a_change_survives_being_killed_at_any_write() {
    killed_anywhere(Part::Change);
}

#[test]
fn a_change_survives_the_loss_of_any_answer() {
    strike_everywhere(Part::Change, Mode::AnswerLost);
}

#[test]
fn teardown_survives_being_killed_at_any_write() {
    killed_anywhere(Part::Teardown);
}

#[test]
fn teardown_survives_the_loss_of_any_answer() {
    strike_everywhere(Part::Teardown, Mode::AnswerLost);
}

#[test]
fn the_story_survives_that_any_write_to_the_tenant_is_executed_twice() {
    for part in Part::ALL {
        strike_everywhere(part, Mode::Doubled);
    }
}

#[test]
fn the_story_survives_that_any_write_to_the_tenant_is_shown_late() {
    for part in Part::ALL {
        strike_everywhere(part, Mode::ShownLate);
    }
}
