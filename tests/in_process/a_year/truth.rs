//! Holds everything that happens in the tenant, and everything that is told, against what is declared for the year.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use entra_sim::ids::{Access, ObjectId};
use entra_sim::journal::{Effect, Entry, Grant, Holdings, Target, Window};
use jiff::{SignedDuration, Timestamp};
use serde_json::Value;

use super::manifests::{self, GROUPS, Held, Kind, Term};
use crate::harness::{APPLICATION, World, is_event, text};

/// Clocks are told to the second, and a request takes a while.
const SLACK: SignedDuration = SignedDuration::from_mins(10);

/// What is known of the year so far.
pub struct Truth(Arc<Mutex<Ledger>>);

struct Ledger {
    terms: Vec<Term>,
    /// Who is who in the tenant.
    people: BTreeMap<ObjectId, String>,
    groups: BTreeMap<ObjectId, usize>,
    begin: Timestamp,
    /// How often the operator has given and taken each thing since it was last told.
    given: BTreeMap<Held, usize>,
    taken: BTreeMap<Held, usize>,
    complaints: Vec<String>,
}

impl Truth {
    /// Takes down everything that happens from now on.
    pub fn watch(world: &World) -> Self {
        let dump = world.tenant.dump();
        let users = dump["users"].as_array().unwrap().iter();
        let users = users.map(|user| {
            (
                text(&user["id"]).parse().unwrap(),
                text(&user["userPrincipalName"]),
            )
        });
        let ledger = Arc::new(Mutex::new(Ledger {
            terms: manifests::terms(),
            people: users.collect(),
            groups: BTreeMap::new(),
            begin: world.clock.time(),
            given: BTreeMap::new(),
            taken: BTreeMap::new(),
            complaints: Vec::new(),
        }));
        let listener = Arc::clone(&ledger);
        world
            .tenant
            .on_effect(move |entry, _| listener.lock().unwrap().take(entry));
        Self(ledger)
    }

    /// The id of a group.
    pub fn group(&self, number: usize) -> String {
        let ledger = self.0.lock().unwrap();
        let mut groups = ledger.groups.iter();
        groups
            .find(|(_, known)| **known == number)
            .unwrap()
            .0
            .to_string()
    }

    /// How long it is until the evening of a day.
    pub fn until_evening(&self, world: &World, day: i64) -> Duration {
        let begin = self.0.lock().unwrap().begin;
        let evening = begin + SignedDuration::from_hours(24 * day - 2);
        evening.duration_since(world.clock.time()).unsigned_abs()
    }

    /// Some member who surely stands on a day, another one each day.
    pub fn somebody(&self, group: usize, kind: Kind, day: i64) -> Option<String> {
        self.one_of(group, day, |term| term.held.kind == kind)
    }

    /// The same of those whose eligibility ends.
    pub fn somebody_with_an_end(&self, group: usize, day: i64) -> Option<String> {
        self.one_of(group, day, |term| {
            term.held.kind == Kind::Eligible && term.longest.is_some()
        })
    }

    fn one_of(&self, group: usize, day: i64, which: impl Fn(&Term) -> bool) -> Option<String> {
        let ledger = self.0.lock().unwrap();
        let mut terms = ledger.terms.iter().filter(|term| {
            term.held.group == group
                && term.held.access == Access::Member
                && term.stands(day) == Some(true)
                && which(term)
        });
        let number = usize::try_from(day).unwrap() % terms.clone().count().max(1);
        terms.nth(number).map(|term| term.held.person.clone())
    }

    /// What the tenant holds at the end of a day is what is declared, and what was done was told.
    pub fn end_of_day(&self, world: &World, day: i64) {
        let holdings = world.tenant.holdings();
        let mut ledger = self.0.lock().unwrap();
        ledger.stands(&holdings, world.clock.time(), day);
        ledger.is_told(world, day);
        let complaints = std::mem::take(&mut ledger.complaints);
        drop(ledger);
        assert!(
            complaints.is_empty(),
            "day {day}: {complaints:#?}\n{:#?}",
            unready(world)
        );
        world.forget_events();
        world.tenant.reset_journal();
    }
}

impl Ledger {
    fn take(&mut self, entry: &Entry) {
        for recorded in &entry.effects {
            if let Effect::GroupCreated {
                group,
                display_name,
                ..
            } = &recorded.effect
            {
                let number =
                    (1..=GROUPS).find(|one| manifests::display_name(*one) == *display_name);
                self.groups.insert(*group, number.unwrap());
            }
        }
        let is_by_hand = entry
            .app_id
            .is_none_or(|app| app.to_string() == APPLICATION)
            || entry.user_id.is_some();
        if is_by_hand || entry.method.is_empty() {
            return;
        }
        for recorded in &entry.effects {
            match &recorded.effect {
                Effect::EligibilityCreated(grant) | Effect::EligibilityChanged(grant) => {
                    self.gives(entry, Kind::Eligible, grant);
                }
                Effect::ActiveCreated(grant) | Effect::ActiveChanged(grant) => {
                    self.gives(entry, Kind::Active, grant);
                }
                Effect::EligibilityEnded(grant) => self.takes(entry, Kind::Eligible, grant),
                Effect::ActiveEnded(grant) => self.takes(entry, Kind::Active, grant),
                _ => {}
            }
        }
    }

    fn held(&self, kind: Kind, target: &Target, principal: ObjectId) -> Option<Held> {
        let Target::Group { group, access } = target else {
            return None;
        };
        let person = self.people.get(&principal);
        Some(Held {
            group: *self.groups.get(group)?,
            kind,
            access: *access,
            person: person.cloned().unwrap_or_else(|| principal.to_string()),
        })
    }

    /// Nothing is given that nobody declares, or for longer than it is declared.
    fn gives(&mut self, entry: &Entry, kind: Kind, grant: &Grant) {
        let Some(held) = self.held(kind, &grant.target, grant.principal) else {
            return;
        };
        *self.given.entry(held.clone()).or_default() += 1;
        let Some(term) = self.terms.iter().find(|term| term.held == held) else {
            return self.complain(entry, &format!("{held:?} is given and nobody declares it"));
        };
        let days = |days: i64| SignedDuration::from_hours(24 * days);
        let begins = self.begin + days(term.from) - SLACK;
        let latest = term.latest(self.begin, entry.at).map(|end| end + SLACK);
        let ends_in_time = match (grant.end, latest) {
            (_, None) => true,
            (None, Some(_)) => false,
            (Some(end), Some(latest)) => end <= latest,
        };
        if !ends_in_time || grant.start < begins {
            let window = (grant.start, grant.end);
            self.complain(
                entry,
                &format!("{held:?} is given for {window:?}, declared until {latest:?}"),
            );
        }
    }

    /// Nothing is taken away that is declared and has not ended.
    fn takes(&mut self, entry: &Entry, kind: Kind, grant: &Grant) {
        let Some(held) = self.held(kind, &grant.target, grant.principal) else {
            return;
        };
        let day = entry.at.duration_since(self.begin).as_hours() / 24;
        let term = self.terms.iter().find(|term| term.held == held);
        if term.is_some_and(|term| term.stands(day) == Some(true)) {
            self.complain(entry, &format!("{held:?} is declared and taken away"));
        }
        *self.taken.entry(held).or_default() += 1;
    }

    fn complain(&mut self, entry: &Entry, what: &str) {
        self.complaints
            .push(format!("{} {}: {what}", entry.at, entry.operation));
    }

    /// Everything that is declared for a day stands, once, and nothing else.
    fn stands(&mut self, holdings: &Holdings, now: Timestamp, day: i64) {
        let held = |schedules: &BTreeMap<(Target, ObjectId), Window>, kind: Kind| -> Vec<Held> {
            let now = schedules.iter().filter(|(_, window)| window.contains(now));
            now.filter_map(|((target, principal), _)| self.held(kind, target, *principal))
                .collect()
        };
        let mut stands = held(holdings.eligible(), Kind::Eligible);
        stands.extend(held(holdings.active(), Kind::Active));
        // A group that was restored has them as plain members and owners, and PIM shows them as active.
        let mut plain = self.plain(holdings);
        let activated = held(holdings.activations(), Kind::Active);
        plain.retain(|held| !stands.contains(held) && !activated.contains(held));
        stands.extend(plain);
        let mut complaints = Vec::new();
        for term in &self.terms {
            let times = stands.iter().filter(|held| **held == term.held).count();
            let is_right = match term.stands(day) {
                Some(true) => times == 1,
                Some(false) => times == 0,
                None => times <= 1,
            };
            if !is_right {
                complaints.push(format!("{:?} stands {times} times", term.held));
            }
        }
        let declared = |held: &&Held| self.terms.iter().any(|term| term.held == **held);
        let surplus: Vec<&Held> = stands.iter().filter(|held| !declared(held)).collect();
        if !surplus.is_empty() {
            complaints.push(format!("{surplus:?} stands and nobody declares it"));
        }
        let roles = holdings
            .roles()
            .iter()
            .filter(|(_, holder, _)| self.groups.contains_key(holder));
        let roles = roles.count();
        if roles != GROUPS {
            complaints.push(format!("{roles} roles are held"));
        }
        self.complaints.extend(complaints);
    }

    fn plain(&self, holdings: &Holdings) -> Vec<Held> {
        let lists = self.groups.iter().flat_map(|(group, number)| {
            let of = |access| {
                holdings
                    .direct(*group, access)
                    .map(move |one| (access, one))
            };
            let all = of(Access::Member).chain(of(Access::Owner));
            all.map(|(access, principal)| (*number, access, principal))
        });
        lists
            .filter_map(|(group, access, principal)| {
                Some(Held {
                    group,
                    kind: Kind::Active,
                    access,
                    person: self.people.get(&principal)?.clone(),
                })
            })
            .collect()
    }

    /// Whatever was given or taken since the last time, an event says so, with name and group; and nothing else.
    fn is_told(&mut self, world: &World, day: i64) {
        let events = world.cluster.objects_where(is_event);
        let given = told(&events, &["made ", "changed the "]);
        let taken = told(&events, &["ended the "]);
        let done = [
            ("given", std::mem::take(&mut self.given), given),
            ("taken", std::mem::take(&mut self.taken), taken),
        ];
        for (what, done, told) in done {
            let done: BTreeMap<Held, usize> =
                done.into_iter().filter(|(_, times)| *times > 0).collect();
            if done != told {
                self.complaints
                    .push(format!("{what} on day {day}: {done:?}, told: {told:?}"));
            }
        }
    }
}

/// What is not as it should be, in words.
fn unready(world: &World) -> Vec<String> {
    let summary = world.summary();
    let lines = summary.lines().filter(|line| line.contains("False"));
    lines.map(str::to_owned).collect()
}

/// Whom events name in a sentence that has one of these verbs.
fn told(events: &[Value], verbs: &[&str]) -> BTreeMap<Held, usize> {
    let mut told = BTreeMap::new();
    let people = manifests::people();
    for note in events.iter().map(|event| text(&event["note"])) {
        let sentence = verbs.iter().find_map(|verb| note.split_once(verb));
        let Some((_, sentence)) = sentence else {
            continue;
        };
        let names = |group: &usize| sentence.contains(&manifests::display_name(*group));
        let Some(group) = (1..=GROUPS).find(names) else {
            continue;
        };
        let is_eligible = sentence.contains("eligible ");
        let is_owner = sentence.contains(" owner") || sentence.contains("ownership");
        let is_named = |person: &&String| sentence.contains(&format!("{person} ("));
        for person in people.iter().filter(is_named) {
            let held = Held {
                group,
                kind: if is_eligible {
                    Kind::Eligible
                } else {
                    Kind::Active
                },
                access: if is_owner {
                    Access::Owner
                } else {
                    Access::Member
                },
                person: person.clone(),
            };
            *told.entry(held).or_default() += 1;
        }
    }
    told
}
