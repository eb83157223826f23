//! What a stage did is told in few sentences, and nobody is left out of them.

use proptest::prelude::*;

use super::fixture::*;
use crate::action::{GrantVerb, Write};
use crate::schedule::{End, Key, Kind, Window};
use crate::telling::Telling;

fn grant(key: Key, window: Window) -> Write {
    Write::Grant {
        group: group_id(),
        key,
        verb: GrantVerb::Assign,
        window,
        justification: String::new(),
        ticket: None,
    }
}

fn revoke(key: Key) -> Write {
    Write::Revoke {
        group: group_id(),
        key,
    }
}

/// What a world tells of writes, in sentences of at most so many bytes.
fn told(writes: &[Write], longest: usize) -> Vec<String> {
    let mut world = World::new();
    world.eligible("oncall", &PEOPLE);
    let writes: Vec<&Write> = writes.iter().collect();
    let sentences = world.desired.tell_together(&writes, longest);
    sentences.iter().map(Telling::done).collect()
}

#[test]
fn people_who_are_given_the_same_share_a_sentence() {
    let forever = until(End::Never);
    let writes = [
        grant(key("ann", Kind::Eligible), forever),
        grant(key("bob", Kind::Eligible), until(End::At(at(DAY)))),
        grant(key("cid", Kind::Eligible), forever),
        revoke(key("dan", Kind::Active)),
        grant(key("eve", Kind::Eligible), forever),
        revoke(key("ann", Kind::Active)),
    ];
    let names = ["ann", "cid", "eve"].map(|name| format!("{name}@contoso.com ({})", id(name)));
    let [ann, cid, eve] = &names;
    let sentences = told(&writes, 900);
    assert_eq!(sentences.len(), 3, "{sentences:#?}");
    let first = format!("made {ann}, {cid} and {eve} eligible members of ");
    assert!(sentences[0].starts_with(&first), "{sentences:#?}");
    assert!(sentences[1].contains("bob") && sentences[1].contains(" eligible member of "));
    assert!(
        sentences[2].starts_with("ended the active membership of dan"),
        "{sentences:#?}"
    );
}

proptest! {
    #[test]
    fn everybody_is_named_once_in_sentences_of_bounded_length(
        drawn in prop::collection::vec((0..PEOPLE.len(), 0..2_u8, any::<bool>()), 1..40),
        longest in 60..1000_usize,
    ) {
        let writes: Vec<Write> = drawn
            .iter()
            .map(|&(person, end, is_grant)| {
                let key = key(PEOPLE[person], Kind::Eligible);
                let end = if end == 0 { End::Never } else { End::At(at(DAY)) };
                if is_grant { grant(key, until(end)) } else { revoke(key) }
            })
            .collect();
        let sentences = told(&writes, longest);
        for person in PEOPLE {
            let id = id(person).to_string();
            let named: usize = sentences.iter().map(|sentence| sentence.matches(&id).count()).sum();
            let times = drawn.iter().filter(|(place, ..)| PEOPLE[*place] == person).count();
            prop_assert_eq!(named, times);
        }
        for sentence in &sentences {
            let people = PEOPLE.iter().map(|person| sentence.matches(&id(person).to_string()).count());
            prop_assert!(sentence.len() <= longest || people.sum::<usize>() == 1, "{}", sentence);
        }
    }
}
