//! Groups that were there before: a group that somebody has made by hand, with every setting off its default, is described
//! in manifests and taken over by its id, without a write.

mod changes;
mod refusals;
mod release;
mod rivals;

use std::collections::BTreeSet;
use std::time::Duration;

use serde_json::{Value, json};

use crate::harness::{Descriptions, ExternalActor, NAMESPACE, World, days, manifest, text};
use crate::story::{EXCHANGE_ADMINISTRATOR, person};

/// The name of the group's object and of its boundary.
const GROUP: &str = "legacy";

/// The display name that the group has from the beginning.
const DISPLAY_NAME: &str = "PAG-Exchange-Legacy";

/// Id of the role Message Center Reader (learn.microsoft.com: "Microsoft Entra built-in roles").
const MESSAGE_CENTER_READER: &str = "790c1fb9-7f7d-4f88-86a1-ef1f95c05c1b";

/// Longer than the service insists on keeping what was just made.
const OLD_ENOUGH: Duration = Duration::from_mins(6);

/// Longer than the interval of reconciles.
const NEXT_LOOK: Duration = Duration::from_mins(12);

/// The rules of mails, each with whether it takes further recipients.
const MAILS: [(&str, bool); 9] = [
    ("Notification_Admin_Admin_Eligibility", true),
    ("Notification_Requestor_Admin_Eligibility", true),
    ("Notification_Approver_Admin_Eligibility", true),
    ("Notification_Admin_Admin_Assignment", true),
    ("Notification_Requestor_Admin_Assignment", true),
    ("Notification_Approver_Admin_Assignment", true),
    ("Notification_Admin_EndUser_Assignment", true),
    ("Notification_Requestor_EndUser_Assignment", true),
    ("Notification_Approver_EndUser_Assignment", false),
];

/// Makes a group by hand, as the portal does.
async fn make_group(actor: &ExternalActor, more: Value) -> String {
    let mut body = json!({
        "displayName": DISPLAY_NAME, "description": "Made in the portal, long ago", "mailEnabled": false,
        "mailNickname": "legacy", "securityEnabled": true,
    });
    for (field, value) in more.as_object().unwrap() {
        body[field] = value.clone();
    }
    text(&actor.ask("POST", "/groups", Some(body)).await["id"])
}

/// Sets every setting of both policies to something else than its default.
pub async fn set_all_settings(actor: &ExternalActor, group: &str) {
    let approver = actor.user("emi@contoso.com").await;
    for access in ["member", "owner"] {
        let edit = async |rule: &str, more: Value| {
            actor
                .edit_rule(group, access, rule, |rule| {
                    for (field, value) in more.as_object().unwrap() {
                        rule[field] = value.clone();
                    }
                })
                .await;
        };
        let ends = json!({"maximumDuration": "P90D"});
        edit("Expiration_Admin_Eligibility", ends).await;
        let never = json!({"isExpirationRequired": false});
        edit("Expiration_Admin_Assignment", never).await;
        edit("Enablement_Admin_Assignment", json!({"enabledRules": []})).await;
        let short = json!({"maximumDuration": "PT4H"});
        edit("Expiration_EndUser_Assignment", short).await;
        let reasons = json!({"enabledRules": ["Justification", "Ticketing"]});
        edit("Enablement_EndUser_Assignment", reasons).await;
        let context = json!({"isEnabled": true, "claimValue": "c1"});
        edit("AuthenticationContext_EndUser_Assignment", context).await;
        let approval = json!({"setting": {
            "isApprovalRequired": true, "isApprovalRequiredForExtension": false,
            "isRequestorJustificationRequired": true, "approvalMode": "SingleStage",
            "approvalStages": [{
                "approvalStageTimeOutInDays": 1, "isApproverJustificationRequired": false, "escalationTimeInMinutes": 0,
                "isEscalationEnabled": false, "escalationApprovers": [],
                "primaryApprovers": [{"@odata.type": "#microsoft.graph.singleUser", "userId": approver}],
            }],
        }});
        edit("Approval_EndUser_Assignment", approval).await;
        for (rule, takes_recipients) in MAILS {
            let mut mails =
                json!({"isDefaultRecipientsEnabled": false, "notificationLevel": "Critical"});
            if takes_recipients {
                mails["notificationRecipients"] = json!(["sec@contoso.com"]);
            }
            edit(rule, mails).await;
        }
    }
}

/// Gives people and roles to the group: through PIM, and past it.
async fn fill(actor: &ExternalActor, group: &str) {
    let never =
        json!({"action": "adminAssign", "scheduleInfo": {"expiration": {"type": "noExpiration"}}});
    let for_days = |days: u32| json!({"action": "adminAssign", "scheduleInfo": {"expiration": {"type": "afterDuration", "duration": format!("P{days}D")}}});
    let boss = actor.user("boss@contoso.com").await;
    actor.join(group, "owners", &boss).await;
    let grace = actor.user("grace@contoso.com").await;
    actor.join(group, "members", &grace).await;
    let breakglass = "breakglass1@contoso.com";
    actor
        .request("assignment", group, breakglass, "member", never.clone())
        .await;
    for (who, access) in [
        ("jose@contoso.com", "member"),
        ("amira@contoso.com", "owner"),
    ] {
        actor
            .request("eligibility", group, who, access, for_days(60))
            .await;
    }
    actor
        .request_role("Assignment", group, EXCHANGE_ADMINISTRATOR, never)
        .await;
    actor
        .request_role("Eligibility", group, MESSAGE_CENTER_READER, for_days(30))
        .await;
}

/// A tenant in which somebody has made the group by hand, some time ago, and its id.
async fn made_by_hand() -> (World, String) {
    let world = World::new();
    let actor = world.external_actor();
    let id = make_group(actor, json!({"isAssignableToRole": true})).await;
    set_all_settings(actor, &id).await;
    fill(actor, &id).await;
    world.pass(OLD_ENOUGH).await;
    (world, id)
}

/// The boundary that admits the group with everything that it has.
fn boundary(id: &str) -> Value {
    let lasting = json!({"permanent": "Allowed"});
    json!({
        "apiVersion": "entra-pim.dev/v1alpha1", "kind": "AccessBoundary", "metadata": {"name": GROUP},
        "spec": {
            "namespaces": [NAMESPACE], "tenants": ["contoso"],
            "groups": {"namePatterns": ["PAG-Exchange-*"], "adoptable": [id]},
            "directoryRoles": [{
                "roles": ["Exchange Administrator", "Message Center Reader"], "scopes": ["/"],
                "assignments": ["Active", "Eligible"],
            }],
            "subjects": {"kinds": ["User"], "userPrincipalNameSuffixes": ["@contoso.com"]},
            "assignments": {
                "eligible": {"permanent": "Forbidden", "maximumDuration": "P90D"}, "active": lasting,
                "owners": {"eligible": lasting, "active": lasting},
            },
            "policyFloor": {},
        },
    })
}

/// The settings that were set by hand.
pub fn settings() -> Value {
    let mail = |recipients: &[&str]| json!({"defaultRecipients": "Disabled", "recipients": recipients, "level": "Critical"});
    let to_all = || json!({"admin": mail(&["sec@contoso.com"]), "requestor": mail(&["sec@contoso.com"]), "approver": mail(&["sec@contoso.com"])});
    let mut of_activation = to_all();
    of_activation["approver"] = json!({"defaultRecipients": "Disabled", "level": "Critical"});
    json!({
        "activation": {
            "maximumDuration": "PT4H", "require": ["Justification", "Ticketing"],
            "authenticationContext": {"id": "c1"},
            "approval": {
                "required": "Always", "approvers": [person("emi@contoso.com")], "approverJustification": "Optional",
            },
        },
        "eligible": {"permanent": "Forbidden", "maximumDuration": "P90D"},
        "active": {"permanent": "Allowed", "require": []},
        "notifications": {"activation": of_activation, "eligible": to_all(), "active": to_all()},
    })
}

/// The group's object, which names the group by its id.
fn group(name: &str, id: &str) -> Value {
    manifest(
        "PrivilegedGroup",
        name,
        &json!({
            "tenantRef": {"name": "contoso"}, "boundaryRef": {"name": GROUP}, "displayName": DISPLAY_NAME,
            "description": "Made in the portal, long ago", "adopt": {"id": id}, "deletionPolicy": "Retain",
            "policy": {"member": settings(), "owner": settings()},
        }),
    )
}

fn assignment(kind: &str, name: &str, access: &str, who: &str, schedule: &Value) -> Value {
    let spec = json!({
        "groupRef": {"name": GROUP}, "access": access, "subjects": [person(who)], "schedule": schedule,
        "deletionPolicy": "Retain",
    });
    manifest(kind, name, &spec)
}

fn binding(name: &str, role: &str, assignment: &str, schedule: &Value) -> Value {
    let spec = json!({
        "groupRef": {"name": GROUP}, "directoryRole": {"role": role, "scope": "/"}, "assignment": assignment,
        "schedule": schedule, "deletionPolicy": "Retain",
    });
    manifest("RoleBinding", name, &spec)
}

/// Everything that the group has, in manifests.
fn described(id: &str) -> Vec<Value> {
    let (active, eligible) = ("ActiveAssignment", "EligibleAssignment");
    let never = json!({"expiration": {"never": {}}});
    vec![
        boundary(id),
        group(GROUP, id),
        assignment(active, "owner", "Owner", "boss@contoso.com", &never),
        assignment(active, "auditor", "Member", "grace@contoso.com", &never),
        assignment(
            active,
            "break-glass",
            "Member",
            "breakglass1@contoso.com",
            &never,
        ),
        assignment(eligible, "people", "Member", "jose@contoso.com", &days(60)),
        assignment(eligible, "deputy", "Owner", "amira@contoso.com", &days(60)),
        binding("exchange", "Exchange Administrator", "Active", &never),
        binding("messages", "Message Center Reader", "Eligible", &days(30)),
    ]
}

fn apply(world: &World, id: &str) {
    for one in described(id) {
        world.apply(&one);
    }
}

/// A world in which the group is adopted, with its id.
async fn adopted() -> (World, String) {
    let (world, id) = made_by_hand().await;
    apply(&world, &id);
    world.start();
    world.until_ready(NAMESPACE).await;
    (world, id)
}

/// What is held of a group that bears no key of ours.
fn held(world: &World, id: &str) -> BTreeSet<String> {
    let mut described = Descriptions::read(&world.tenant);
    described.groups.insert(id.parse().unwrap());
    described.held(&world.tenant.holdings())
}

/// Asks for a look at the group that reads everything, and waits for the outcome of it.
async fn look(world: &World, name: &str) {
    let moment = world.clock.time().to_string();
    world.annotate("PrivilegedGroup", name, "entra-pim.dev/resync", &moment);
    world.pass(Duration::from_secs(30)).await;
}

#[tokio::test(start_paused = true)]
async fn a_group_that_is_described_as_it_stands_is_adopted_without_a_write() {
    let (world, id) = made_by_hand().await;
    let before = held(&world, &id);
    assert_eq!(before.len(), 7, "{before:?}");
    apply(&world, &id);
    world.start();
    assert_eq!(
        world.writes_within(Duration::from_mins(90)).await,
        0,
        "{}",
        world.summary()
    );
    assert!(world.all_ready(NAMESPACE), "{}", world.summary());
    assert_eq!(held(&world, &id), before);
    let status = &world.object("PrivilegedGroup", GROUP).unwrap()["status"];
    assert_eq!(
        (&status["externalId"], &status["externalName"]),
        (&json!(id), &Value::Null)
    );
    let undeclared = world.condition("PrivilegedGroup", GROUP, "UndeclaredAccess");
    assert_eq!(undeclared.unwrap().status, "False");
}

/// The files of the example, without its namespace.
const EXAMPLE: [&str; 4] = [
    include_str!("../../../examples/adoption/10-boundary.yaml"),
    include_str!("../../../examples/adoption/20-group.yaml"),
    include_str!("../../../examples/adoption/30-owner.yaml"),
    include_str!("../../../examples/adoption/40-member.yaml"),
];

#[tokio::test(start_paused = true)]
async fn the_example_is_adopted_without_a_write() {
    let world = World::new();
    world.cluster.create_namespace("legacy").unwrap();
    for file in EXAMPLE {
        world.apply_yaml(file);
    }
    world.start();
    assert_eq!(
        world.writes_within(NEXT_LOOK).await,
        0,
        "{}",
        world.summary()
    );
    assert!(world.all_ready("legacy"), "{}", world.summary());
}

#[tokio::test(start_paused = true)]
async fn a_rebuilt_cluster_adopts_it_again_without_a_write() {
    let (world, id) = adopted().await;
    let before = held(&world, &id);
    let rebuilt = World::beside(&world);
    apply(&rebuilt, &id);
    world.kill();
    rebuilt.start();
    assert_eq!(rebuilt.writes_within(Duration::from_mins(30)).await, 0);
    assert!(rebuilt.all_ready(NAMESPACE), "{}", rebuilt.summary());
    assert_eq!(held(&rebuilt, &id), before);
}

#[tokio::test(start_paused = true)]
async fn a_microsoft_365_group_is_adopted_as_well() {
    let world = World::new();
    let more = json!({
        "mailEnabled": true, "groupTypes": ["Unified"], "isAssignableToRole": true,
    });
    let id = make_group(world.external_actor(), more).await;
    world.apply(&boundary(&id));
    world.apply(&group(GROUP, &id));
    world.edit("PrivilegedGroup", GROUP, |manifest| {
        manifest["spec"]["policy"] = json!({});
    });
    world.start();
    assert_eq!(world.writes_within(Duration::from_mins(5)).await, 0);
    assert!(
        world.is_ready("PrivilegedGroup", GROUP),
        "{}",
        world.summary()
    );
}
