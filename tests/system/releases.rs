//! Two releases on one cluster, each installed by helm: one acts, and the other one says so.

use std::collections::BTreeSet;
use std::time::{Duration, Instant};

use entra_sim::journal::Effect;
use jiff::SignedDuration;
use serde_json::Value;
use testenv::installation::{self, Chosen, Installation};

use super::oracle::effects;
use super::place::Place;
use super::world;

const GROUPS: usize = 10;
/// The second release. The chart gives its objects this name.
const OTHER: &str = "second-entra-pim-operator";
const ELSEWHERE: &str = "elsewhere";

/// How long the second one may take to read a claim and to tell: it reads one every ten seconds.
const TOLD: Duration = Duration::from_secs(30);

/// A group with a role, two people who are eligible, and an owner.
fn unit(place: &str, number: usize) -> String {
    format!(
        "---
apiVersion: entra-pim.dev/v1alpha1
kind: PrivilegedGroup
metadata: {{name: group-{number}, namespace: {place}}}
spec:
  tenantRef: {{name: {place}}}
  boundaryRef: {{name: {place}}}
  displayName: PAG-{place}-{number}
  policy:
    member: {{activation: {{maximumDuration: PT2H, require: [Justification]}}}}
    owner:
      activation: {{maximumDuration: PT2H, require: [Justification]}}
      active: {{permanent: Allowed}}
---
apiVersion: entra-pim.dev/v1alpha1
kind: RoleBinding
metadata: {{name: role-{number}, namespace: {place}}}
spec: {{groupRef: {{name: group-{number}}}, directoryRole: {{role: Exchange Administrator}}}}
---
apiVersion: entra-pim.dev/v1alpha1
kind: EligibleAssignment
metadata: {{name: team-{number}, namespace: {place}}}
spec:
  groupRef: {{name: group-{number}}}
  subjects: [{{kind: User, name: jose@contoso.com}}, {{kind: User, name: amira@contoso.com}}]
  schedule: {{expiration: {{afterDuration: P90D}}}}
---
apiVersion: entra-pim.dev/v1alpha1
kind: ActiveAssignment
metadata: {{name: owner-{number}, namespace: {place}}}
spec:
  groupRef: {{name: group-{number}}}
  access: Owner
  subjects: [{{kind: User, name: boss@contoso.com}}]
  schedule: {{expiration: {{never: {{}}}}}}
"
    )
}

fn groups(place: &Place) -> Vec<Value> {
    let dump = place.tenant.simulator.dump();
    let groups = dump["groups"].as_array().unwrap().iter();
    let is_ours = |group: &&Value| group["mailNickname"].as_str().unwrap().starts_with("epim-");
    groups.filter(is_ours).cloned().collect()
}

#[tokio::test]
async fn of_two_installed_releases_one_acts_and_the_other_says_so() {
    let (control_plane, first) = world::exclusive().await;
    let place = Place::new(control_plane, "releases").await;
    let log = control_plane.directory().join("second.log");
    let chosen = Chosen {
        release: OTHER,
        namespace: ELSEWHERE,
        values: &["crds.install=false"],
        ..Chosen::usual(world::binary(), &log, "json")
    };
    let second = Installation::start(control_plane, chosen).await.unwrap();
    // It could sign in as well as the first.
    let certificate = place.tenant.certificate(ELSEWHERE, "releases.crt");
    for manifest in [place.tenant.secret(ELSEWHERE), certificate] {
        let applied = installation::apply(control_plane, &manifest.to_string()).await;
        applied.unwrap();
    }

    let seeded = effects(&place.tenant.simulator).len();
    let boundary = place.story();
    let (boundary, _) = boundary.split_once("---").unwrap();
    let units: String = (0..GROUPS).map(|number| unit("releases", number)).collect();
    place.apply(&format!("{boundary}{units}")).await;
    place.until_ready().await;
    assert_eq!(groups(&place).len(), GROUPS);

    let begun = Instant::now();
    let waits = "EntraTenant releases: entra-pim-operator in namespace entra-pim-system acts, and this release waits";
    let acts = "EntraTenant releases: this release acts, and second-entra-pim-operator in namespace elsewhere waits";
    while !second.told().await.unwrap().contains(waits)
        || !first.told().await.unwrap().contains(acts)
    {
        assert!(begun.elapsed() < TOLD, "{}", first.told().await.unwrap());
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
    place
        .kubectl(&[
            "wait",
            "entratenant/releases",
            "--for=condition=Contested",
            "--timeout=30s",
        ])
        .await;
    let arguments = [
        "get",
        "events",
        "--all-namespaces",
        "--field-selector",
        "reason=AnotherOperator",
        "--output",
        "jsonpath={.items[*].note}{.items[*].message}",
    ];
    let told = world::kubectl(control_plane, &arguments).await;
    assert!(
        told.contains("entra-pim-operator in namespace entra-pim-system acts"),
        "{told}"
    );

    // What is active can only be ended once it is five minutes old.
    let simulator = &place.tenant.simulator;
    simulator.advance(SignedDuration::from_mins(6));
    place
        .kubectl(&["delete", "prb,pea,paa,pgroup", "--all", "--timeout=60s"])
        .await;
    assert_eq!(
        groups(&place),
        Vec::<Value>::new(),
        "deletion leaves nothing"
    );
    let all = effects(&place.tenant.simulator).split_off(seeded);
    let made = all.iter().filter_map(|effect| match effect {
        Effect::GroupCreated { group, .. } => Some(*group),
        _ => None,
    });
    assert_eq!(made.clone().count(), GROUPS, "each made once");
    assert_eq!(made.collect::<BTreeSet<_>>().len(), GROUPS);

    second.operator.kill().unwrap();
    let uninstall = ["uninstall", OTHER, "--namespace", ELSEWHERE];
    control_plane
        .helm(&uninstall)
        .await
        .unwrap()
        .succeeded()
        .unwrap();
}
