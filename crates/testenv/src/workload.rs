//! A workload: a tenant with people in it, and the manifests of groups, settings, roles and eligibilities that name
//! them. The same size always gives the same manifests.

use entra_sim::Seed;
use entra_sim::seed::SeedUser;
use serde_json::{Value, json};

/// The namespace of all objects, which the caller makes.
pub const NAMESPACE: &str = "bench";

/// The tenant that the groups name, which the caller makes.
pub const TENANT: &str = "contoso";

/// The one person who approves and who owns every group.
const LEAD: &str = "lead@contoso.com";

/// How long an activation lasts at most, before and after the one setting is changed.
const BEFORE: &str = "PT8H";
const AFTER: &str = "PT4H";

/// Roles, none of them privileged; groups take them in turn.
const ROLES: [&str; 10] = [
    "Exchange Administrator",
    "SharePoint Administrator",
    "Teams Administrator",
    "License Administrator",
    "Groups Administrator",
    "Printer Administrator",
    "Search Administrator",
    "Kaizala Administrator",
    "Knowledge Administrator",
    "Power Platform Administrator",
];

/// Where the Azure roles hold, which application has the app roles, and over whom those of Intune hold: in the demo's tenant.
const RESOURCE_GROUP: &str =
    "/subscriptions/5ab51111-1111-4111-8111-111111111111/resourceGroups/payments-app";
const APPLICATION: &str = "55555555-5555-4555-8555-555555555555";
const APP_ROLE: &str = "Admin.Write";
const EMPLOYEES: &str = "1a910b00-1111-4111-8111-1a910b000001";
const INTUNE_ROLE: &str = "Help Desk Operator";

/// How the eligibilities of a group are written down.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Objects {
    /// One object that lists all people of the group.
    PerGroup,
    /// One object for each person.
    PerPerson,
}

/// Of which systems the roles are.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Systems {
    /// Directory roles.
    Directory,
    /// In each group one directory role and one Azure role; then, in turn, an app role or one of Intune.
    All,
}

/// Which value the one setting has that is changed on all groups.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Setting {
    /// The value with which the groups are made.
    Before,
    /// The value after the change.
    After,
}

/// How many groups and other objects there are, and what they hold.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Workload {
    /// How many groups, each with both policies declared and one permanent owner.
    pub groups: usize,
    /// How many roles each group holds, at most ten; of all systems at most three.
    pub roles: usize,
    /// Of which systems these are.
    pub systems: Systems,
    /// How many people are eligible in each group.
    pub people: usize,
    /// How they are written down.
    pub objects: Objects,
}

impl Workload {
    /// Workload M: 10 groups, both policies, 10 role bindings, 200 eligibilities.
    pub fn medium(objects: Objects) -> Self {
        Self {
            groups: 10,
            roles: 1,
            systems: Systems::Directory,
            people: 20,
            objects,
        }
    }

    /// Workload L: 100 groups, 200 policies, 300 role bindings over all systems, 5,000 eligibilities.
    pub fn large() -> Self {
        Self {
            groups: 100,
            roles: 3,
            systems: Systems::All,
            people: 50,
            objects: Objects::PerGroup,
        }
    }

    /// How many objects it consists of below the boundary.
    pub fn size(&self) -> usize {
        let eligible = match self.objects {
            Objects::PerGroup => 1,
            Objects::PerPerson => self.people,
        };
        self.groups * (2 + self.roles + eligible)
    }

    /// The demo's tenant with the people of this workload in it.
    pub fn seed(&self) -> Seed {
        let mut seed = Seed::default();
        let names = (1..=self.groups).flat_map(|group| self.people_of(group));
        let people = names.chain([LEAD.to_owned()]).map(SeedUser::named);
        seed.users.extend(people);
        seed
    }

    /// All manifests below the tenant, in the order in which people would apply them.
    pub fn manifests(&self) -> Vec<Value> {
        let mut manifests = vec![boundary(self.systems)];
        manifests.extend(self.group_manifests(Setting::Before));
        for group in 1..=self.groups {
            manifests.push(owner(group));
            manifests.extend((0..self.roles).map(|number| role(self.systems, group, number)));
            manifests.extend(self.eligible(group));
        }
        manifests
    }

    /// The manifests of the groups, with this value of the one setting.
    pub fn group_manifests(&self, setting: Setting) -> Vec<Value> {
        (1..=self.groups)
            .map(|group| manifest(group, setting))
            .collect()
    }

    fn people_of(&self, group: usize) -> Vec<String> {
        (1..=self.people)
            .map(|person| format!("person-{group:03}-{person:03}@contoso.com"))
            .collect()
    }

    fn eligible(&self, group: usize) -> Vec<Value> {
        let people = self.people_of(group);
        let listed = match self.objects {
            Objects::PerGroup => vec![people],
            Objects::PerPerson => people.into_iter().map(|person| vec![person]).collect(),
        };
        let numbered = listed.iter().enumerate();
        numbered
            .map(|(number, people)| eligible(group, number + 1, people))
            .collect()
    }
}

fn name(group: usize) -> String {
    format!("group-{group:03}")
}

fn object(kind: &str, name: &str, spec: &Value) -> Value {
    json!({
        "apiVersion": "entra-pim.dev/v1alpha1", "kind": kind,
        "metadata": {"name": name, "namespace": NAMESPACE}, "spec": spec,
    })
}

fn boundary(systems: Systems) -> Value {
    let mut boundary = json!({
        "apiVersion": "entra-pim.dev/v1alpha1", "kind": "AccessBoundary", "metadata": {"name": "bench"},
        "spec": {
            "namespaces": [NAMESPACE],
            "tenants": [TENANT],
            "groups": {"namePatterns": ["PAG-bench-*"]},
            "directoryRoles": [{"roles": ROLES, "scopes": ["/"], "assignments": ["Active"]}],
            "subjects": {"kinds": ["User"], "userPrincipalNameSuffixes": ["@contoso.com"]},
            "assignments": {
                "eligible": {"permanent": "Forbidden", "maximumDuration": "P180D"},
                "owners": {"active": {"permanent": "Allowed"}},
            },
            "policyFloor": {"approval": {"required": "Always"}},
        },
    });
    if systems == Systems::All {
        let spec = &mut boundary["spec"];
        spec["azureRoles"] =
            json!([{"roles": ["Reader"], "scopes": [RESOURCE_GROUP], "assignments": ["Active"]}]);
        spec["appRoles"] = json!([{"roles": [APP_ROLE], "applications": [APPLICATION], "assignments": ["Active"]}]);
        spec["intuneRoles"] = json!([{"roles": [INTUNE_ROLE], "scopeGroups": [EMPLOYEES], "assignments": ["Active"]}]);
    }
    boundary
}

fn manifest(group: usize, setting: Setting) -> Value {
    let settings = |maximum: &str| {
        json!({
            "activation": {
                "maximumDuration": maximum,
                "require": ["Justification", "MultiFactorAuthentication"],
                "approval": {"required": "Always", "approvers": [{"kind": "User", "name": LEAD}]},
            },
            "eligible": {"permanent": "Forbidden", "maximumDuration": "P180D"},
            "active": {"permanent": "Allowed"},
        })
    };
    let member = match setting {
        Setting::Before => settings(BEFORE),
        Setting::After => settings(AFTER),
    };
    object(
        "PrivilegedGroup",
        &name(group),
        &json!({
            "tenantRef": {"name": TENANT},
            "boundaryRef": {"name": "bench"},
            "displayName": format!("PAG-bench-{group:03}"),
            "description": "Measured",
            "policy": {"member": member, "owner": settings(BEFORE)},
        }),
    )
}

fn owner(group: usize) -> Value {
    object(
        "ActiveAssignment",
        &format!("{}-owner", name(group)),
        &json!({
            "groupRef": {"name": name(group)}, "access": "Owner",
            "subjects": [{"kind": "User", "name": LEAD}],
            "schedule": {"expiration": {"never": {}}},
            "justification": "Answers for the group",
        }),
    )
}

fn role(systems: Systems, group: usize, number: usize) -> Value {
    let mut spec = json!({"groupRef": {"name": name(group)}});
    match (systems, number) {
        (Systems::All, 1) => {
            spec["azureRole"] = json!({"role": "Reader", "scope": RESOURCE_GROUP});
        }
        (Systems::All, 2) if group.is_multiple_of(2) => {
            spec["appRole"] = json!({"application": APPLICATION, "role": APP_ROLE});
        }
        (Systems::All, 2) => {
            spec["intuneRole"] = json!({"role": INTUNE_ROLE, "scopeGroups": [EMPLOYEES]});
        }
        _ => {
            let role = ROLES[(group + number) % ROLES.len()];
            spec["directoryRole"] = json!({"role": role});
        }
    }
    let name = format!("{}-role-{number}", name(group));
    object("RoleBinding", &name, &spec)
}

fn eligible(group: usize, number: usize, people: &[String]) -> Value {
    let subjects: Vec<Value> = people
        .iter()
        .map(|name| json!({"kind": "User", "name": name}))
        .collect();
    object(
        "EligibleAssignment",
        &format!("{}-{number:03}", name(group)),
        &json!({
            "groupRef": {"name": name(group)}, "subjects": subjects,
            "schedule": {"expiration": {"afterDuration": "P180D"}},
            "justification": "Is part of the team",
        }),
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    fn kinds(workload: Workload, kind: &str) -> usize {
        let manifests = workload.manifests();
        manifests
            .iter()
            .filter(|object| object["kind"] == kind)
            .count()
    }

    #[test]
    fn both_ways_to_write_it_down_name_the_same_people() {
        let people = |objects| {
            let manifests = Workload::medium(objects).manifests();
            let subjects = manifests
                .iter()
                .filter(|object| object["kind"] == "EligibleAssignment");
            let mut names: Vec<String> = subjects
                .flat_map(|object| object["spec"]["subjects"].as_array().unwrap().clone())
                .map(|subject| subject["name"].to_string())
                .collect();
            names.sort();
            names
        };
        let listed = people(Objects::PerGroup);
        assert_eq!(listed.len(), 200);
        assert_eq!(listed, people(Objects::PerPerson));
    }

    #[test]
    fn it_has_as_many_objects_as_it_says() {
        let few = Workload::medium(Objects::PerGroup);
        let many = Workload::medium(Objects::PerPerson);
        assert_eq!(kinds(few, "EligibleAssignment"), 10);
        assert_eq!(kinds(many, "EligibleAssignment"), 200);
        for kind in ["PrivilegedGroup", "RoleBinding", "ActiveAssignment"] {
            assert_eq!(kinds(few, kind), 10);
            assert_eq!(kinds(many, kind), 10);
        }
        let large = Workload::large();
        assert_eq!(kinds(large, "RoleBinding"), 300);
        for workload in [few, many, large] {
            assert_eq!(workload.manifests().len(), workload.size() + 1);
        }
    }

    #[test]
    fn the_change_is_one_setting_of_each_group() {
        let workload = Workload::medium(Objects::PerGroup);
        let (before, after) = (
            workload.group_manifests(Setting::Before),
            workload.group_manifests(Setting::After),
        );
        for (mut before, after) in before.into_iter().zip(after) {
            let path = "/spec/policy/member/activation/maximumDuration";
            assert_ne!(before.pointer(path), after.pointer(path));
            *before.pointer_mut(path).unwrap() = after.pointer(path).unwrap().clone();
            assert_eq!(before, after);
        }
    }
}
