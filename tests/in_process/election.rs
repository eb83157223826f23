//! Several replicas of one release against one API server and one tenant: whatever befalls them, nobody writes who does not hold
//! the Lease, every change is carried out once, and whoever writes next does so in time.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use jiff::SignedDuration;
use rand::rngs::StdRng;
use rand::{RngExt as _, SeedableRng as _};
use serde_json::{Value, json};
use tokio::time::{Instant, sleep};

use super::harness::{NAMESPACE, Port, Release, Replicas, Setup, World, manifest};
use super::story;

/// The Lease holds for 15 seconds; somebody else writes at most five seconds later.
const TAKEOVER: Duration = Duration::from_secs(20);

/// How long a write may be on its way before whoever sent it gives up on it.
const JUST_IN_TIME: Duration = Duration::from_millis(7900);

/// How long a change may take once everybody is well again: an election, and what the tenant takes for it.
const SETTLED: Duration = Duration::from_mins(2);

/// What befalls a replica.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Mishap {
    None,
    /// The node fails, and the pod is started again later.
    Killed,
    /// The pod is asked to end, as by an upgrade, and another one starts.
    Terminated,
    /// The process does not run, as on a node that is short of memory.
    Stopped,
    /// Packets from it reach neither or one of the two.
    CutOff {
        kubernetes: bool,
        tenant: bool,
    },
    /// Packets from it do not reach the API server, and reach the tenant late: just before it gives up on them.
    Delayed,
    /// Its watches say nothing any more, and nobody tells it so.
    Stalled,
    /// Its clock is wrong by some minutes from now on.
    ClockJumps(i64),
}

impl Mishap {
    fn draw(random: &mut StdRng) -> Self {
        match random.random_range(0..12) {
            0 => Self::None,
            1 | 2 => Self::Killed,
            3 => Self::Terminated,
            4 | 5 => Self::Stopped,
            6 => Self::ClockJumps(random.random_range(-30..=30)),
            7 | 8 => Self::Delayed,
            9 => Self::Stalled,
            _ => {
                let (kubernetes, tenant) =
                    [(true, false), (false, true), (true, true)][random.random_range(0..3)];
                Self::CutOff { kubernetes, tenant }
            }
        }
    }

    /// Whether whoever it befalls can renew the Lease no more.
    fn ends_a_term(self) -> bool {
        matches!(
            self,
            Self::Killed
                | Self::Terminated
                | Self::Stopped
                | Self::Delayed
                | Self::CutOff {
                    kubernetes: true,
                    ..
                }
        )
    }

    async fn begins(self, replicas: &mut Replicas<'_>, who: usize) {
        match self {
            Self::None => {}
            Self::Killed => replicas.kill(who),
            Self::Terminated => replicas.terminate(who).await,
            Self::Stopped => replicas.stop(who),
            Self::CutOff { kubernetes, tenant } => {
                replicas.set_cut_off(who, Port::Kubernetes, kubernetes);
                replicas.set_cut_off(who, Port::Tenant, tenant);
            }
            Self::Delayed => {
                replicas.set_cut_off(who, Port::Kubernetes, true);
                replicas.set_on_the_way(who, JUST_IN_TIME);
            }
            Self::Stalled => replicas.set_stalled(who, true),
            Self::ClockJumps(minutes) => replicas.skew(who, SignedDuration::from_mins(minutes)),
        }
    }

    fn ends(self, replicas: &mut Replicas<'_>, who: usize) {
        match self {
            Self::None | Self::ClockJumps(_) => {}
            Self::Killed | Self::Terminated => replicas.restart(who),
            Self::Stopped => replicas.go_on(who),
            Self::Stalled => replicas.set_stalled(who, false),
            Self::CutOff { .. } | Self::Delayed => {
                replicas.set_cut_off(who, Port::Kubernetes, false);
                replicas.set_cut_off(who, Port::Tenant, false);
                replicas.set_on_the_way(who, Duration::ZERO);
            }
        }
    }
}

/// What changed in the tenant, each change by what and whom it is about, and how often.
#[derive(Clone, Default)]
struct Changes(Arc<Mutex<BTreeMap<String, usize>>>);

impl Changes {
    fn of(world: &World) -> Self {
        let changes = Self::default();
        let all = changes.clone();
        world.tenant.on_effect(move |entry, _| {
            for effect in &entry.effects {
                let effect = serde_json::to_value(effect).unwrap();
                let about = [
                    "effect",
                    "group",
                    "access",
                    "principal",
                    "role",
                    "properties",
                ];
                let key = about.map(|part| effect[part].to_string()).join(" ");
                *all.0.lock().unwrap().entry(key).or_default() += 1;
            }
        });
        changes
    }

    /// What happened more than once since this was asked last.
    fn repeated(&self) -> Vec<String> {
        let all = std::mem::take(&mut *self.0.lock().unwrap());
        let repeated = all.into_iter().filter(|(_, count)| *count > 1);
        repeated
            .map(|(what, count)| format!("{what}: {count} times"))
            .collect()
    }
}

/// Edits what is declared, and returns who must hold what in the end, and the name of the group.
pub fn edit(world: &World, round: usize) -> (String, String) {
    let [gone, here] = if round.is_multiple_of(2) {
        ["farid@contoso.com", "chidi@contoso.com"]
    } else {
        ["chidi@contoso.com", "farid@contoso.com"]
    };
    story::edit_people(world, |people| {
        people.retain(|one| one["name"] != gone);
        people.push(story::person(here));
    });
    let name = format!("PAG-Exchange-Admins-{}", round / 8);
    if round.is_multiple_of(8) {
        world.edit("PrivilegedGroup", story::GROUP, |manifest| {
            manifest["spec"]["displayName"] = json!(name);
        });
    }
    (format!("eligible member {here}"), name)
}

pub fn our_groups(world: &World) -> Vec<Value> {
    let dump = world.tenant.dump();
    let groups = dump["groups"].as_array().unwrap().iter();
    let is_ours = |group: &&Value| group["mailNickname"].as_str().unwrap().starts_with("epim-");
    groups.filter(is_ours).cloned().collect()
}

async fn rounds(count: usize, replicas: usize, lag: Option<SignedDuration>, seed: u64) {
    let world = World::with(Setup {
        lag,
        ..Setup::default()
    });
    story::apply_core(&world);
    let mut replicas = Replicas::start(&world, Release::USUAL, replicas);
    world.until_ready(NAMESPACE).await;
    let changes = Changes::of(&world);
    let mut random = StdRng::seed_from_u64(seed);
    for round in 0..count {
        let mishap = Mishap::draw(&mut random);
        let leader = replicas.leader();
        let anybody = random.random_range(0..replicas.count());
        // Most of what befalls the others shows nothing.
        let who = leader
            .filter(|_| random.random_bool(0.75))
            .unwrap_or(anybody);
        let told = format!("round {round}: {mishap:?} of {who}, leader {leader:?}");
        let edited_first = random.random_bool(0.5);
        let edited = edited_first.then(|| edit(&world, round));
        sleep(Duration::from_millis(random.random_range(0..3000))).await;
        mishap.begins(&mut replicas, who).await;
        sleep(Duration::from_millis(random.random_range(0..1000))).await;
        let wanted = edited.unwrap_or_else(|| edit(&world, round));
        if mishap.ends_a_term() && leader == Some(who) && random.random_bool(0.7) {
            sleep(TAKEOVER).await;
            let next = replicas.leader();
            assert!(next.is_some_and(|next| next != who), "{told}: now {next:?}");
        } else {
            sleep(Duration::from_millis(random.random_range(0..12_000))).await;
        }
        mishap.ends(&mut replicas, who);
        let healed = Instant::now();
        world
            .until(&told, |world| {
                let groups = our_groups(world);
                replicas.masters() == 1
                    && world.all_ready(NAMESPACE)
                    && world.held().contains(&wanted.0)
                    && groups
                        .iter()
                        .all(|group| group["displayName"] == wanted.1.as_str())
            })
            .await;
        assert!(healed.elapsed() < SETTLED, "{told}: {:?}", healed.elapsed());
        assert_eq!(our_groups(&world).len(), 1, "{told}");
        assert_eq!(changes.repeated(), Vec::<String>::new(), "{told}");
        assert_eq!(replicas.strays(), Vec::<String>::new(), "{told}");
        world.forget_events();
    }
}

#[tokio::test(start_paused = true)]
async fn of_two_replicas_one_writes_whatever_befalls_them() {
    rounds(600, 2, None, 1).await;
}

#[tokio::test(start_paused = true)]
async fn of_three_replicas_one_writes_whatever_befalls_them_in_a_tenant_that_lags() {
    rounds(400, 3, Some(SignedDuration::from_secs(5)), 2).await;
}

/// A group without anybody, whose name is changed.
fn named_group(object: &str, name: &str) -> Value {
    let approvers = json!([{"kind": "User", "name": "emi@contoso.com"}]);
    let guard = json!({"activation": {
        "maximumDuration": "PT2H", "require": ["Justification", "MultiFactorAuthentication"],
        "approval": {"required": "Always", "approvers": approvers},
    }});
    manifest(
        "PrivilegedGroup",
        object,
        &json!({
            "tenantRef": {"name": "contoso"}, "boundaryRef": {"name": "exchange"},
            "displayName": name, "policy": {"member": guard, "owner": guard},
        }),
    )
}

#[tokio::test(start_paused = true)]
async fn a_rolling_update_delays_no_change_by_more_than_five_seconds_and_writes_nothing_by_itself()
{
    const GROUPS: usize = 10;
    const CHANGES: usize = 200;
    let world = World::new();
    story::apply_boundary(&world);
    let object = |change: usize| format!("group-{}", change % GROUPS);
    for number in 0..GROUPS {
        world.apply(&named_group(
            &object(number),
            &format!("PAG-Exchange-{number}"),
        ));
    }
    let mut replicas = Replicas::start(&world, Release::USUAL, 2);
    world.until_ready(NAMESPACE).await;
    let before = replicas.writes_to_tenant();

    let mut pending: Vec<(String, Instant)> = Vec::new();
    let mut took: Vec<Duration> = Vec::new();
    for change in 0..CHANGES + 20 {
        if change < CHANGES {
            let name = format!("PAG-Exchange-change-{change}");
            world.apply(&named_group(&object(change), &name));
            pending.push((name, Instant::now()));
        }
        // Each of the two is replaced, as a Deployment does it: the one that writes in the middle of a change.
        if let Some(who) = [60, 120].iter().position(|at| *at == change) {
            replicas.terminate(who).await;
            replicas.restart(who);
        }
        for _ in 0..5 {
            sleep(Duration::from_millis(100)).await;
            let names: Vec<Value> = our_groups(&world)
                .iter()
                .map(|group| group["displayName"].clone())
                .collect();
            pending.retain(|(name, since)| {
                let is_there = names.iter().any(|one| one == name.as_str());
                if is_there {
                    took.push(since.elapsed());
                }
                !is_there
            });
        }
    }
    assert_eq!(pending, Vec::new(), "every change stands");
    let usual = took[..50].iter().max().unwrap();
    let longest = took.iter().max().unwrap();
    assert!(
        *longest < *usual + Duration::from_secs(5),
        "{longest:?}, usually {usual:?}"
    );
    assert_eq!(
        replicas.writes_to_tenant() - before,
        CHANGES,
        "each once, and nothing else"
    );
    assert_eq!(replicas.strays(), Vec::<String>::new());
}

/// What happens in the tenant from now on, in words.
fn effects(world: &World) -> Arc<Mutex<Vec<String>>> {
    let told: Arc<Mutex<Vec<String>>> = Arc::default();
    let all = Arc::clone(&told);
    world.tenant.on_effect(move |entry, _| {
        let effects = entry.effects.iter().map(|effect| json!(effect).to_string());
        all.lock().unwrap().extend(effects);
    });
    told
}

#[tokio::test(start_paused = true)]
async fn who_is_elected_with_stalled_watches_takes_nothing_away_that_the_one_before_gave() {
    let world = World::new();
    story::apply_core(&world);
    let mut replicas = Replicas::start(&world, Release::USUAL, 2);
    world.until_ready(NAMESPACE).await;
    let leader = replicas.leader().unwrap();
    let standby = 1 - leader;
    replicas.set_stalled(standby, true);
    // The last that it shows is that somebody has lost what they were given; that they are given it again it does not.
    edit(&world, 0);
    sleep(Duration::from_millis(50)).await;
    replicas.set_stalled(standby, true);
    let stands =
        |world: &World, here: &str| world.held().contains(here) && world.all_ready(NAMESPACE);
    world
        .until("the edit stands", |world| {
            stands(world, "eligible member chidi@contoso.com")
        })
        .await;
    let (here, _) = edit(&world, 1);
    world
        .until("the next one stands", |world| stands(world, &here))
        .await;

    let told = effects(&world);
    replicas.kill(leader);
    world
        .until("the other one writes", |_| {
            replicas.leader() == Some(standby)
        })
        .await;
    world.pass(Duration::from_mins(10)).await;
    assert_eq!(*told.lock().unwrap(), Vec::<String>::new());
    let (here, _) = edit(&world, 2);
    world
        .until("what is declared next stands, too", |world| {
            world.held().contains(&here)
        })
        .await;
}

#[tokio::test(start_paused = true)]
async fn nothing_is_given_back_within_a_boundary_whose_change_a_stalled_watch_does_not_show() {
    let world = World::new();
    story::apply_core(&world);
    story::look_every(&world, "PT1M");
    let replicas = Replicas::start(&world, Release::USUAL, 1);
    world.until_ready(NAMESPACE).await;
    let before = replicas.writes_to_tenant();
    replicas.set_stalled(0, true);
    let stalled = Instant::now();
    world.edit("AccessBoundary", "exchange", |manifest| {
        manifest["spec"]["subjects"]["userPrincipalNameSuffixes"] = json!(["@fabrikam.com"]);
    });
    // What the caches show is good for two minutes; the second look that sees them gone comes later.
    world.pass(Duration::from_secs(70)).await;
    world
        .take_eligibility(story::GROUP, "farid@contoso.com")
        .await;
    world
        .until_reason("EligibleAssignment", story::GROUP, "BoundaryViolated")
        .await;
    assert_eq!(replicas.writes_to_tenant(), before, "{}", world.summary());
    assert!(
        stalled.elapsed() < Duration::from_mins(4),
        "the watch is begun anew before it gives up by itself: {:?}",
        stalled.elapsed()
    );
}

#[tokio::test(start_paused = true)]
async fn nothing_goes_as_undeclared_that_an_object_declares_which_a_stalled_watch_does_not_show() {
    let world = World::new();
    story::apply(&world);
    story::look_every(&world, "PT1M");
    world.edit("PrivilegedGroup", story::GROUP, |manifest| {
        manifest["spec"]["undeclared"] = json!({"eligible": "Remove"});
    });
    let replicas = Replicas::start(&world, Release::USUAL, 1);
    world.until_ready(NAMESPACE).await;
    let (actor, group) = (world.external_actor(), world.group_id(story::GROUP).await);
    let given = "eligible member dana@contoso.com";
    actor
        .make_eligible(&group, "dana@contoso.com", "P30D")
        .await;
    // It is told, and would go after five minutes.
    let is_told = |world: &World| {
        let told = world.condition("PrivilegedGroup", story::GROUP, "UndeclaredAccess");
        told.is_some_and(|told| told.message.contains("dana@contoso.com"))
    };
    world.until("it is told", is_told).await;
    replicas.set_stalled(0, true);
    let declared = world.object("EligibleAssignment", story::GROUP).unwrap();
    let mut spec = declared["spec"].clone();
    spec["subjects"] = json!([{"kind": "User", "name": "dana@contoso.com"}]);
    world.apply(&manifest("EligibleAssignment", "late", &spec));
    let told = effects(&world);
    world.pass(Duration::from_mins(15)).await;
    assert!(world.held().contains(given), "{:?}", told.lock().unwrap());
    let told = told.lock().unwrap();
    assert!(!told.iter().any(|one| one.contains("emoved")), "{told:?}");
}
