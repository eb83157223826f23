//! What Intune knows.

use std::collections::BTreeMap;

use jiff::Timestamp;
use uuid::{Uuid, uuid};

use crate::ids::{AppId, ObjectId};
use crate::journal::Effect;

/// A role.
#[derive(Clone, Debug)]
pub(crate) struct IntuneRole {
    pub(crate) id: Uuid,
    pub(crate) display_name: String,
    pub(crate) origin: IntuneOrigin,
}

/// Whether a role is the service's own.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum IntuneOrigin {
    BuiltIn,
    Custom,
}

/// Some groups hold a role over other groups.
#[derive(Clone, Debug)]
pub(crate) struct IntuneAssignment {
    pub(crate) id: Uuid,
    pub(crate) role: Uuid,
    pub(crate) display_name: String,
    pub(crate) description: Option<String>,
    pub(crate) members: Vec<ObjectId>,
    pub(crate) scopes: Vec<ObjectId>,
}

impl IntuneAssignment {
    /// What the journal says of it, one effect for each member.
    pub(crate) fn held(&self, effect: impl Fn(String, ObjectId, String) -> Effect) -> Vec<Effect> {
        let mut scopes: Vec<String> = self.scopes.iter().map(ToString::to_string).collect();
        scopes.sort();
        let scope = scopes.join(",");
        let members = self.members.iter();
        members
            .map(|member| effect(self.role.to_string(), *member, scope.clone()))
            .collect()
    }
}

/// A write that waits for a second administrator.
#[derive(Clone, Debug)]
pub(crate) struct IntuneApproval {
    /// What was asked: method, path and body.
    pub(crate) request: String,
    pub(crate) app: AppId,
    pub(crate) since: Timestamp,
    pub(crate) stage: ApprovalStage,
}

/// How far it has come.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum ApprovalStage {
    Waiting,
    Approved,
}

/// Everything that Intune keeps.
#[derive(Clone, Debug)]
pub(crate) struct IntuneState {
    pub(crate) roles: BTreeMap<Uuid, IntuneRole>,
    pub(crate) assignments: BTreeMap<Uuid, IntuneAssignment>,
    pub(crate) approvals: BTreeMap<Uuid, IntuneApproval>,
}

/// Names and ids of the built-in roles, which are the same in every tenant.
const BUILT_IN: &[(&str, Uuid)] = &[
    (
        "Application Manager",
        uuid!("c1d9fcbb-cba5-40b0-bf6b-527006585f4b"),
    ),
    (
        "Endpoint Security Manager",
        uuid!("c56d53a2-73d0-4502-b6bd-4a9d3dba28d5"),
    ),
    (
        "Help Desk Operator",
        uuid!("9e0cc482-82df-4ab2-a24c-0c23a3f52e1e"),
    ),
    (
        "Intune Role Administrator",
        uuid!("fb2603eb-3c87-4be3-8b5b-d58a5b4a0bc0"),
    ),
    (
        "Policy and Profile manager",
        uuid!("0bd113fe-6be5-400c-a28f-ae5553f9c0be"),
    ),
    (
        "Read Only Operator",
        uuid!("fa1d7878-e8cb-41a1-8254-0142355c9f84"),
    ),
    (
        "School Administrator",
        uuid!("2f9f4f7e-2d13-427b-adf2-361a1eef7ae8"),
    ),
];

impl Default for IntuneState {
    fn default() -> Self {
        let built_in = BUILT_IN.iter().map(|(name, id)| IntuneRole {
            id: *id,
            display_name: (*name).to_owned(),
            origin: IntuneOrigin::BuiltIn,
        });
        Self {
            roles: built_in.map(|role| (role.id, role)).collect(),
            assignments: BTreeMap::new(),
            approvals: BTreeMap::new(),
        }
    }
}
