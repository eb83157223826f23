//! What cannot work is refused, as early as it can be known, in words that say what to do.

use entra_sim::Seed;
use entra_sim::seed::CustomRole;
use serde_json::json;

use super::place::Place;
use super::world;

/// One manifest: kind, name and the rest of it.
fn manifest(place: &Place, kind: &str, name: &str, spec: &serde_json::Value) -> String {
    let object = json!({
        "apiVersion": "entra-pim.dev/v1alpha1", "kind": kind,
        "metadata": {"name": name, "namespace": place.name}, "spec": spec,
    });
    format!("---\n{object}\n")
}

fn group(place: &Place, policy: &serde_json::Value) -> serde_json::Value {
    json!({
        "tenantRef": {"name": place.name}, "boundaryRef": {"name": place.name},
        "displayName": "PAG-refused", "policy": policy,
    })
}

fn assignment(subject: &serde_json::Value, schedule: &serde_json::Value) -> serde_json::Value {
    json!({"groupRef": {"name": "admins"}, "subjects": [subject], "schedule": schedule})
}

/// Kind, name and spec of what no tenant could hold, and what is said of it.
type Refusal = (&'static str, &'static str, serde_json::Value, &'static str);

fn tenants_and_groups(place: &Place) -> Vec<Refusal> {
    let tenant = |id: &str| {
        json!({
            "tenantId": id, "installation": "refused",
            "credential": {"clientSecret": {
                "clientId": "22222222-2222-4222-8222-222222222222", "secretRef": {"name": "a", "key": "b"},
            }},
        })
    };
    let both = json!({"member": {"activation": {
        "require": ["MultiFactorAuthentication"], "authenticationContext": {"id": "c1"},
    }}});
    vec![
        (
            "EntraTenant",
            "wrong-uuid",
            tenant("contoso.com"),
            "spec.tenantId in body should match",
        ),
        (
            "PrivilegedGroup",
            "unknown-field",
            group(place, &json!({"member": {"activaton": {}}})),
            r#"unknown field "spec.policy.member.activaton""#,
        ),
        (
            "PrivilegedGroup",
            "mfa-and-context",
            group(place, &both),
            "MultiFactorAuthentication and activation.authenticationContext exclude each other",
        ),
        (
            "PrivilegedGroup",
            "no-duration",
            group(
                place,
                &json!({"member": {"activation": {"maximumDuration": "8h"}}}),
            ),
            "half hours from PT30M to PT23H30M or P1D, for example PT4H",
        ),
        (
            "PrivilegedGroup",
            "no-approvers",
            group(
                place,
                &json!({"member": {"activation": {"approval": {"required": "Always"}}}}),
            ),
            "name at least one under approvers",
        ),
        (
            "PrivilegedGroup",
            "approver-recipients",
            group(
                place,
                &json!({"member": {"notifications": {"activation": {"approver": {"recipients": ["sec@contoso.com"]}}}}}),
            ),
            "the service takes no further addresses for approvers of activations",
        ),
    ]
}

fn scopes() -> Vec<Refusal> {
    let binding = |role: serde_json::Value| {
        let mut spec = json!({"groupRef": {"name": "refused"}});
        spec.as_object_mut()
            .unwrap()
            .extend(role.as_object().unwrap().clone());
        spec
    };
    vec![
        (
            "RoleBinding",
            "scope-of-a-portal",
            binding(json!({"azureRole": {"role": "Reader", "scope": "vaults/kv-payments"}})),
            "write it as Azure does and without a trailing slash",
        ),
        (
            "RoleBinding",
            "unit-by-name",
            binding(
                json!({"directoryRole": {"role": "Global Reader", "scope": "/administrativeUnits/Berlin"}}),
            ),
            "write / for the whole tenant",
        ),
    ]
}

fn assignments() -> Vec<Refusal> {
    let jose = json!({"kind": "User", "name": "jose@contoso.com"});
    let never = json!({"expiration": {"never": {}}});
    vec![
        (
            "EligibleAssignment",
            "two-expirations",
            assignment(
                &jose,
                &json!({"expiration": {"never": {}, "afterDuration": "P1D"}}),
            ),
            "name exactly one of afterDuration, endTime and never",
        ),
        (
            "EligibleAssignment",
            "no-expiration",
            assignment(&jose, &json!({"expiration": {}})),
            "name exactly one of afterDuration, endTime and never",
        ),
        (
            "EligibleAssignment",
            "eligible-application",
            assignment(
                &json!({"kind": "ServicePrincipal", "name": "77777777-7777-4777-8777-777777777777"}),
                &never,
            ),
            "an application cannot activate",
        ),
        (
            "EligibleAssignment",
            "group-by-another-name",
            assignment(
                &json!({"kind": "PrivilegedGroup", "name": "On Call"}),
                &never,
            ),
            "a PrivilegedGroup is named by the name of its object in the same namespace",
        ),
        (
            "EligibleAssignment",
            "year-9999",
            assignment(
                &jose,
                &json!({"expiration": {"endTime": "9999-12-31T23:59:59Z"}}),
            ),
            "write a time between the years 2000 and 9000",
        ),
        (
            "ActiveAssignment",
            "application-by-name",
            assignment(
                &json!({"kind": "ServicePrincipal", "name": "my-app"}),
                &never,
            ),
            "a ServicePrincipal is named by its application (client) id",
        ),
        (
            "ActiveAssignment",
            "owning-group",
            {
                let group =
                    json!({"kind": "Group", "name": "77777777-7777-4777-8777-777777777777"});
                let mut spec = assignment(&group, &never);
                spec["access"] = json!("Owner");
                spec
            },
            "a group cannot own a group: list the people",
        ),
    ]
}

#[tokio::test]
async fn kubectl_refuses_what_no_tenant_could_hold() {
    let place = Place::shared("refused").await;
    let mut cases = tenants_and_groups(&place);
    cases.extend(scopes());
    cases.extend(assignments());
    let all: String = cases
        .iter()
        .map(|(kind, name, spec, _)| manifest(&place, kind, name, spec))
        .collect();
    let said = place.refused(&all).await;
    for (_, name, _, message) in &cases {
        let mut refusals = said.split("Error from server");
        // A field that the schema does not know is refused before the object has a name.
        let about = |part: &&str| part.contains(&format!("{name}\"")) || part.contains("decoding");
        assert!(
            refusals.any(|part| about(&part) && part.contains(message)),
            "{name} is not refused with {message}: {said}"
        );
    }
}

#[tokio::test]
async fn what_identifies_an_object_cannot_be_changed() {
    let world = world::shared().await;
    let place = Place::new(world.control_plane, "immutable").await;
    place.apply(&place.story()).await;
    let other = json!({"name": "other"});
    for (kind, name, change, field) in [
        (
            "ptenant",
            "immutable",
            json!({"tenantId": "99999999-9999-4999-8999-999999999999"}),
            "spec.tenantId",
        ),
        (
            "ptenant",
            "immutable",
            json!({"installation": "other"}),
            "spec.installation",
        ),
        (
            "ptenant",
            "immutable",
            json!({"cloud": "Public", "endpoints": null}),
            "spec.cloud",
        ),
        (
            "ptenant",
            "immutable",
            json!({"endpoints": {"graph": "https://elsewhere"}}),
            "spec.endpoints",
        ),
        (
            "pgroup",
            "admins",
            json!({"tenantRef": other}),
            "spec.tenantRef",
        ),
        (
            "pgroup",
            "admins",
            json!({"roleAssignable": false}),
            "spec.roleAssignable",
        ),
        (
            "prb",
            "exchange",
            json!({"groupRef": other}),
            "spec.groupRef",
        ),
        (
            "prb",
            "exchange",
            json!({"directoryRole": {"role": "Reader"}}),
            "spec.directoryRole",
        ),
        ("pea", "team", json!({"groupRef": other}), "spec.groupRef"),
        ("pea", "team", json!({"access": "Owner"}), "spec.access"),
        ("paa", "owner", json!({"groupRef": other}), "spec.groupRef"),
        ("paa", "owner", json!({"access": "Member"}), "spec.access"),
    ] {
        let change = json!({"spec": change}).to_string();
        let arguments = [
            "patch",
            kind,
            name,
            "--type=merge",
            "--patch",
            &change,
            "-n",
            &place.name,
        ];
        let output = world.control_plane.kubectl(&arguments).await.unwrap();
        assert!(
            !output.status.success(),
            "{field} was changed: {}",
            output.stdout
        );
        let expected = format!("{field} is immutable: ");
        assert!(output.stderr.contains(&expected), "{}", output.stderr);
    }
}

#[tokio::test]
#[expect(
    clippy::too_many_lines,
    reason = "one table of manifests and what becomes of them"
)]
async fn what_only_the_tenant_can_tell_stands_in_conditions() {
    let world = world::shared().await;
    let twice = [0, 1].map(|number| CustomRole {
        id: Some(uuid::Uuid::from_u128(number + 1)),
        display_name: "Twice".to_owned(),
        ..Seed::default().custom_roles.remove(0)
    });
    let seed = Seed {
        custom_roles: twice.to_vec(),
        ..Seed::default()
    };
    let place = Place::seeded(world.control_plane, "conditions", seed).await;
    let story = place.story();
    // The boundary names the role that exists twice, so that only the tenant can object.
    place
        .apply(&story.replace(
            "[Exchange Administrator]",
            "[Exchange Administrator, Twice]",
        ))
        .await;
    let role =
        |role: &str| json!({"groupRef": {"name": "admins"}, "directoryRole": {"role": role}});
    let user = |name: &str| json!({"kind": "User", "name": name});
    let days = json!({"expiration": {"afterDuration": "P30D"}});
    let orphan = json!({
        "tenantRef": {"name": place.name}, "boundaryRef": {"name": "nowhere"}, "displayName": "PAG-orphan",
    });
    let lost = json!({
        "groupRef": {"name": "nowhere"}, "subjects": [user("jose@contoso.com")], "schedule": days,
    });
    let cases = [
        (
            "EligibleAssignment",
            "nobody",
            assignment(&user("nobody@contoso.com"), &days),
            "PrincipalNotFound",
            "nobody@contoso.com",
        ),
        (
            "ActiveAssignment",
            "robot",
            assignment(
                &json!({"kind": "ServicePrincipal", "name": "77777777-7777-4777-8777-777777777777"}),
                &days,
            ),
            "BoundaryDenied",
            "spec.subjects.kinds",
        ),
        (
            "EligibleAssignment",
            "for-ever",
            assignment(
                &user("dana@contoso.com"),
                &json!({"expiration": {"never": {}}}),
            ),
            "PolicyForbids",
            "spec.policy.member.eligible",
        ),
        (
            "EligibleAssignment",
            "lost",
            lost,
            "ReferenceNotFound",
            "nowhere",
        ),
        (
            "RoleBinding",
            "ambiguous",
            role("Twice"),
            "AmbiguousName",
            "Twice",
        ),
        (
            "RoleBinding",
            "unlisted",
            role("Global Reader"),
            "BoundaryDenied",
            "Global Reader",
        ),
        (
            "RoleBinding",
            "no-role",
            role("No Such Role"),
            "RoleNotFound",
            "No Such Role",
        ),
        (
            "PrivilegedGroup",
            "orphan",
            orphan,
            "BoundaryDenied",
            "spec.boundaryRef",
        ),
    ];
    let all: String = cases
        .iter()
        .map(|(kind, name, spec, ..)| manifest(&place, kind, name, spec))
        .collect();
    place.apply(&all).await;
    for (kind, name, _, reason, named) in &cases {
        let (status, message) = place.until_reason(kind, name, "Ready", reason).await;
        assert_eq!(status, "False", "{name} needs a person: {message}");
        assert!(message.contains(named), "{name}: {message}");
    }
    // The good ones beside them became true all the same.
    place
        .kubectl(&[
            "wait",
            "pgroup/admins",
            "prb/exchange",
            "pea/team",
            "paa/owner",
            "paa/break-glass",
            "--for=condition=Ready",
            "--timeout=60s",
        ])
        .await;
    assert_eq!(place.tenant.simulator.holdings().eligible().len(), 2);
}
