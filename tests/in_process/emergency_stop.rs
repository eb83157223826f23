//! The tenant denies somebody: they lose everything in all groups before anything else is written, whatever paused, unbounded,
//! young or hidden thing stands in the way, and get nothing until they are off the list.

use std::time::Duration;

use serde_json::{Value, json};

use super::harness::{NAMESPACE, World};
use super::hazards::activation::activate;
use super::hazards::{eligible, group, holds, time_until};
use super::story::{self, BREAK_GLASS, GROUP, OWNER};

const JOSE: &str = "jose@contoso.com";
const BOSS: &str = "boss@contoso.com";
const BREAKGLASS: &str = "breakglass1@contoso.com";

/// Longer than the service insists on keeping what was just made.
const OLD_ENOUGH: Duration = Duration::from_mins(6);

/// How soon everybody who is denied is out, where the tenant answers at once.
const AT_ONCE: Duration = Duration::from_secs(5);

/// Writes the ids of people into a list of the tenant.
pub async fn list(world: &World, field: &str, people: &[&str]) {
    let mut ids = Vec::new();
    for who in people {
        ids.push(world.external_actor().user(who).await);
    }
    world.edit("EntraTenant", "contoso", |manifest| {
        manifest["spec"][field] = json!(ids);
    });
}

async fn deny(world: &World, people: &[&str]) {
    list(world, "deniedPrincipals", people).await;
}

/// The reasons of what is wrong with somebody in an assignment.
pub fn problems(world: &World, kind: &str, name: &str, who: &str) -> Vec<Value> {
    let object = world.object(kind, name).unwrap();
    let problems = object["status"]["problems"].as_array().cloned();
    let mut problems = problems.unwrap_or_default();
    problems.retain(|one| one["subject"].as_str().unwrap().contains(who));
    problems.iter().map(|one| one["reason"].clone()).collect()
}

async fn goes_at_once(world: &World, who: &str) {
    let time = time_until(world, AT_ONCE, |world| !holds(world, who)).await;
    assert!(time.is_some(), "{}", world.summary());
}

/// The first writes that the tenant took, as far as they are about somebody.
fn first_writes_about(world: &World, id: &str, first: usize) -> usize {
    let journal = world.tenant.journal();
    let writes = journal.iter().filter(|entry| !entry.effects.is_empty());
    let about = writes
        .take(first)
        .filter(|entry| format!("{:?}", entry.effects).contains(id));
    about.count()
}

#[tokio::test(start_paused = true)]
async fn somebody_in_ten_groups_is_out_of_all_of_them_before_anything_else_is_written() {
    let world = story::applied();
    let names: Vec<String> = (0..10).map(|place| format!("group-{place}")).collect();
    for name in &names {
        world.apply(&group(name));
        world.apply(&eligible(name, &[JOSE, "dana@contoso.com"]));
    }
    world.start();
    world.until_ready(NAMESPACE).await;
    world.pass(OLD_ENOUGH).await;
    // Whatever else is to be done is seen together with the list.
    let id = world.external_actor().user(JOSE).await;
    world.kill();
    for name in &names {
        world.edit("PrivilegedGroup", name, |manifest| {
            manifest["spec"]["displayName"] = json!(format!("PAG-Exchange-Renamed-{name}"));
            manifest["spec"]["policy"]["member"]["activation"]["maximumDuration"] = json!("PT4H");
        });
        world.apply(&eligible(name, &[JOSE, "chidi@contoso.com"]));
    }
    world.edit("EntraTenant", "contoso", |manifest| {
        manifest["spec"]["deniedPrincipals"] = json!([id]);
    });
    world.tenant.reset_journal();
    world.start();
    world
        .until("they are out of everything", |world| !holds(world, JOSE))
        .await;
    // The ten groups, and the one of the story.
    assert_eq!(
        first_writes_about(&world, &id, 11),
        11,
        "{}",
        world.summary()
    );
    world
        .until("everybody else goes on", |world| {
            names.iter().all(|name| {
                let rows = world.subjects("EligibleAssignment", name);
                rows == [
                    (JOSE.to_owned(), "Refused".to_owned()),
                    ("chidi@contoso.com".to_owned(), "Eligible".to_owned()),
                ]
            })
        })
        .await;
    for name in &names {
        let reason = world.reason("EligibleAssignment", name);
        assert_eq!(reason, "PrincipalDenied");
        let events = world.notes("EligibilityRevoked", name);
        assert!(
            events.iter().any(|note| note.contains("contoso denies")),
            "{events:?}"
        );
    }
    assert_eq!(world.writes_within(Duration::from_hours(1)).await, 0);
}

#[tokio::test(start_paused = true)]
async fn neither_a_pause_nor_a_missing_boundary_keeps_anybody_in() {
    for without_boundary in [false, true] {
        let world = story::standing().await;
        world.pass(OLD_ENOUGH).await;
        let mut expected = world.held();
        if without_boundary {
            world.delete("AccessBoundary", "exchange");
            story::until_group(&world, "BoundaryViolated").await;
        } else {
            world.annotate("PrivilegedGroup", GROUP, "entra-pim.dev/paused", "true");
            story::until_group(&world, "Paused").await;
        }
        deny(&world, &[JOSE, BREAKGLASS]).await;
        goes_at_once(&world, JOSE).await;
        goes_at_once(&world, BREAKGLASS).await;
        world.pass(Duration::from_mins(30)).await;
        expected.retain(|held| !held.ends_with(JOSE) && !held.ends_with(BREAKGLASS));
        assert_eq!(world.held(), expected, "nothing else changes");
        let told = problems(&world, "EligibleAssignment", GROUP, JOSE);
        assert_eq!(told, ["PrincipalDenied"], "{}", world.summary());
    }
}

#[tokio::test(start_paused = true)]
async fn who_became_active_a_moment_ago_is_taken_out_by_reference() {
    for ends_pim in ["on", "off"] {
        let world = World::behaving(&[("membersApiEndsPim", ends_pim)]);
        story::comes_true(&world).await;
        deny(&world, &[BREAKGLASS]).await;
        let out = |world: &World| {
            let journal = world.tenant.journal();
            journal.iter().any(|entry| {
                entry.path.contains("/members/")
                    && entry.path.ends_with("/$ref")
                    && entry.status == 204
            })
        };
        let time = time_until(&world, AT_ONCE, out).await;
        assert!(time.is_some(), "{}", world.summary());
        world
            .until("nothing of them is left in PIM", |world| {
                !holds(world, BREAKGLASS)
            })
            .await;
        world.pass(Duration::from_mins(30)).await;
        assert!(!holds(&world, BREAKGLASS), "{}", world.summary());
        let reason = world.reason("ActiveAssignment", BREAK_GLASS);
        assert_eq!(reason, "PrincipalDenied");
        assert_eq!(world.writes_within(Duration::from_hours(1)).await, 0);
    }
}

#[tokio::test(start_paused = true)]
async fn an_activation_that_runs_ends_with_everything_else() {
    let world = World::behaving(&[("removeEndsActivation", "off")]);
    story::comes_true(&world).await;
    world.pass(OLD_ENOUGH).await;
    activate(&world).await;
    deny(&world, &[JOSE]).await;
    goes_at_once(&world, JOSE).await;
    world.pass(Duration::from_mins(30)).await;
    assert!(!holds(&world, JOSE), "{:?}", world.held());
}

#[tokio::test(start_paused = true)]
async fn the_last_owner_stays_and_is_named_and_everybody_else_who_is_denied_goes() {
    let world = story::standing().await;
    world.pass(OLD_ENOUGH).await;
    deny(&world, &[BOSS, JOSE]).await;
    goes_at_once(&world, JOSE).await;
    world
        .until("said so", |world| {
            problems(world, "ActiveAssignment", OWNER, BOSS) == ["LastOwner"]
        })
        .await;
    let message = world.message("ActiveAssignment", OWNER);
    assert!(
        message.contains("deniedPrincipals") && message.contains("another permanent owner"),
        "{message}"
    );
    assert_eq!(world.reason("PrivilegedGroup", GROUP), "LastOwner");
    world.edit("ActiveAssignment", OWNER, |manifest| {
        let subjects = manifest["spec"]["subjects"].as_array_mut().unwrap();
        subjects.push(story::person("dana@contoso.com"));
    });
    world
        .until("they go once there is another", |world| !holds(world, BOSS))
        .await;
    assert!(holds(&world, "dana@contoso.com"));
}

#[tokio::test(start_paused = true)]
async fn a_grant_that_is_under_way_or_not_shown_yet_is_taken_away_as_well() {
    for lag in ["0s", "90s"] {
        let world = World::behaving(&[("pimGrantLag", lag), ("pimRemovalLag", lag)]);
        story::apply(&world);
        let ids = json!([
            world.external_actor().user(JOSE).await,
            world.external_actor().user(BREAKGLASS).await
        ]);
        world.start();
        world
            .until("they were just given access", |world| {
                holds(world, JOSE) || holds(world, BREAKGLASS)
            })
            .await;
        world.edit("EntraTenant", "contoso", |manifest| {
            manifest["spec"]["deniedPrincipals"] = ids;
        });
        world
            .until("they have nothing", |world| {
                !holds(world, JOSE) && !holds(world, BREAKGLASS)
            })
            .await;
        world.pass(Duration::from_hours(1)).await;
        assert!(
            !holds(&world, JOSE) && !holds(&world, BREAKGLASS),
            "{lag}: {}",
            world.summary()
        );
        assert!(holds(&world, "amira@contoso.com"), "{lag}");
    }
}

#[tokio::test(start_paused = true)]
async fn who_is_a_plain_member_is_taken_out_whether_pim_knows_of_them_or_not() {
    for changes in ["on", "off"] {
        let world = World::behaving(&[("changePlainMember", changes)]);
        story::comes_true(&world).await;
        let (actor, id) = (world.external_actor(), world.group_id(GROUP).await);
        let grace = actor.user("grace@contoso.com").await;
        actor.join(&id, "members", &grace).await;
        world.pass(OLD_ENOUGH).await;
        assert!(holds(&world, "grace@contoso.com"));
        deny(&world, &["grace@contoso.com"]).await;
        goes_at_once(&world, "grace@contoso.com").await;
        // Whoever puts them in again finds them gone after the next look.
        actor.join(&id, "members", &grace).await;
        world
            .until("out again", |world| !holds(world, "grace@contoso.com"))
            .await;
    }
}

#[tokio::test(start_paused = true)]
async fn who_is_off_the_list_again_gets_what_is_declared_until_the_end_that_it_had() {
    let world = story::standing().await;
    let end = |world: &World| {
        let object = world.object("EligibleAssignment", GROUP).unwrap();
        let rows = object["status"]["subjects"].as_array().cloned().unwrap();
        let row = rows.into_iter().find(|row| row["name"] == JOSE).unwrap();
        row["endTime"].clone()
    };
    let before = end(&world);
    world.pass(OLD_ENOUGH).await;
    deny(&world, &[JOSE]).await;
    goes_at_once(&world, JOSE).await;
    world.pass(Duration::from_mins(20)).await;
    world.kill();
    world.start();
    world.pass(Duration::from_mins(20)).await;
    assert!(!holds(&world, JOSE));
    deny(&world, &[]).await;
    world.until_ready(NAMESPACE).await;
    assert!(holds(&world, JOSE));
    assert_eq!(end(&world), before);
}

/// Lets Kubernetes hold of an object what this version cannot read.
fn make_unreadable(world: &World, kind: &str, place: &str) {
    let mut stored = world.object(kind, GROUP).unwrap();
    *stored["spec"].pointer_mut(place).unwrap() = json!("Robot");
    let generation = stored["metadata"]["generation"].as_i64().unwrap();
    stored["metadata"]["generation"] = json!(generation + 1);
    world.cluster.plant(stored).unwrap();
}

#[tokio::test(start_paused = true)]
async fn an_object_that_cannot_be_read_keeps_nobody_in() {
    for (kind, place) in [
        ("EligibleAssignment", "/subjects/1/kind"),
        ("PrivilegedGroup", "/policy/mode"),
    ] {
        let world = story::standing().await;
        world.pass(OLD_ENOUGH).await;
        make_unreadable(&world, kind, place);
        world.until_reason(kind, GROUP, "InvalidSpec").await;
        let mut expected = world.held();
        deny(&world, &[JOSE, BREAKGLASS]).await;
        goes_at_once(&world, JOSE).await;
        goes_at_once(&world, BREAKGLASS).await;
        world.pass(Duration::from_mins(30)).await;
        expected.retain(|held| !held.ends_with(JOSE) && !held.ends_with(BREAKGLASS));
        assert_eq!(world.held(), expected, "{kind}");
        assert_eq!(world.reason(kind, GROUP), "InvalidSpec");
    }
}

#[tokio::test(start_paused = true)]
async fn nobody_can_be_denied_and_protected() {
    let world = story::standing().await;
    let id = world.external_actor().user(JOSE).await;
    let tenant = world.object("EntraTenant", "contoso").unwrap();
    let refused = |denied: &[&str], protected: &[&str]| {
        let mut spec = tenant["spec"].clone();
        spec["deniedPrincipals"] = json!(denied);
        spec["protectedPrincipals"] = json!(protected);
        let written = world.cluster.apply(json!({
            "apiVersion": tenant["apiVersion"], "kind": "EntraTenant",
            "metadata": {"name": "contoso"}, "spec": spec,
        }));
        written.err().map(|refusal| format!("{refusal:?}"))
    };
    let capitals = id.to_uppercase();
    let said = refused(&[&id], &[&capitals]).unwrap();
    assert!(
        said.contains("nobody can be denied and protected"),
        "{said}"
    );
    assert_eq!(refused(&[&id], &[]), None);
    assert_eq!(refused(&[], &[&capitals]), None);
}

#[tokio::test(start_paused = true)]
async fn an_object_that_goes_meanwhile_is_let_go_once_nothing_of_them_is_left() {
    let world = story::standing().await;
    world.pass(OLD_ENOUGH).await;
    deny(&world, &[JOSE, "amira@contoso.com"]).await;
    world.delete("EligibleAssignment", GROUP);
    world.until_gone("EligibleAssignment", GROUP).await;
    assert!(!holds(&world, JOSE) && !holds(&world, "farid@contoso.com"));
    world.delete_ours();
    world.until_nothing_is_left().await;
}
