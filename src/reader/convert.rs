//! Turns what the client reads into what the planner compares, and rules back into what the client writes.

use std::collections::BTreeSet;

use entra_client::graph::approval::{
    ApprovalMode, ApprovalSettings, ApprovalStage, Approver as WireApprover,
};
use entra_client::graph::group_pim::{Access as WireAccess, GroupSchedule};
use entra_client::graph::groups::Group;
use entra_client::graph::policies::{GroupPolicies, Policy};
use entra_client::graph::rules::{self as wire, RuleSetting};
use entra_client::graph::schedule::{
    AssignmentType, MemberType, Progress as WireProgress, RequestStatus, Window as WireWindow,
};
use pim_core::duration::Length;
use pim_core::ids::GroupId;
use pim_core::knowledge::{NOT_FOUND, Progress};
use pim_core::observed::{self, Management, Nature};
use pim_core::rule::{
    Approval, Approver, Expiration, Given, Notification, NotificationLevel, Recipient, Rule,
    RuleKey, UnknownRule, UnknownRuleState,
};
use pim_core::schedule::{Access, ByAccess, End, Window};

/// A group.
pub fn group(group: &Group) -> observed::Group {
    observed::Group {
        id: group.id,
        display_name: group.display_name.clone().unwrap_or_default(),
        description: group.description.clone().filter(|text| !text.is_empty()),
        management: if group.is_restricted() {
            Management::Restricted
        } else {
            Management::Open
        },
        created_by: group.created_by_app_id,
    }
}

/// How far a request has come, by the status that the service gave. One that came to nothing is finished as well: what
/// is in the tenant decides.
pub fn progress(status: &str) -> Progress {
    if status == NOT_FOUND {
        return Progress::Forgotten;
    }
    match RequestStatus::from(status).progress() {
        WireProgress::Underway | WireProgress::WaitsForHuman => Progress::Underway,
        WireProgress::Done | WireProgress::Failed => Progress::Finished,
    }
}

/// The direct schedules of a list; those through nested groups are another group's business.
pub fn schedules(rows: &[GroupSchedule]) -> Vec<observed::Schedule> {
    rows.iter().filter_map(schedule).collect()
}

fn schedule(row: &GroupSchedule) -> Option<observed::Schedule> {
    let access = match row.access {
        WireAccess::Member => Access::Member,
        WireAccess::Owner => Access::Owner,
        WireAccess::Other(_) => return None,
    };
    if !is_direct(row.member_type.as_ref()) {
        return None;
    }
    Some(observed::Schedule {
        access,
        principal: row.principal_id,
        window: window(row.window),
        nature: nature(row.assignment_type.as_ref()),
        created: row.created_date_time,
    })
}

/// Whether somebody holds something directly.
pub fn is_direct(member: Option<&MemberType>) -> bool {
    !matches!(member, Some(MemberType::Group | MemberType::Inherited))
}

/// How somebody came to be active.
pub fn nature(kind: Option<&AssignmentType>) -> Nature {
    if kind == Some(&AssignmentType::Activated) {
        Nature::Activated
    } else {
        Nature::Assigned
    }
}

/// A window.
pub fn window(window: WireWindow) -> Window {
    Window {
        start: window.start,
        end: window.end.map_or(End::Never, End::At),
    }
}

/// Both policies.
pub fn policies(policies: GroupPolicies) -> ByAccess<Option<observed::Policy>> {
    ByAccess {
        member: policies.member.map(policy),
        owner: policies.owner.map(policy),
    }
}

fn policy(policy: Policy) -> observed::Policy {
    let mut unknown: Vec<UnknownRule> = policy
        .unknown_rules
        .into_iter()
        .map(|rule| UnknownRule {
            id: rule.id,
            state: if rule.is_enabled == Some(false) {
                UnknownRuleState::Off
            } else {
                UnknownRuleState::OnOrSilent
            },
        })
        .collect();
    let mut rules = std::collections::BTreeMap::new();
    let mut unreadable = std::collections::BTreeMap::new();
    for read in policy.rules {
        // A rule of a known type under an id that is none of the 17 is as unknown as one of another type.
        match RuleKey::from_id(&read.id) {
            Some(key) => match rule(read.setting) {
                Ok(rule) => {
                    rules.insert(key, rule);
                }
                Err(reason) => {
                    unreadable.insert(key, reason);
                }
            },
            None => unknown.push(UnknownRule {
                id: read.id,
                state: UnknownRuleState::OnOrSilent,
            }),
        }
    }
    for rule in policy.unreadable_rules {
        match RuleKey::from_id(&rule.id) {
            Some(key) => {
                unreadable.insert(key, rule.reason);
            }
            None => unknown.push(UnknownRule {
                id: rule.id,
                state: UnknownRuleState::OnOrSilent,
            }),
        }
    }
    observed::Policy {
        id: policy.id,
        rules,
        unreadable,
        unknown,
    }
}

/// A rule in the form in which rules are compared, or what of it is not known.
fn rule(setting: RuleSetting) -> Result<Rule, String> {
    Ok(match setting {
        RuleSetting::Expiration(read) => Rule::Expiration(Expiration {
            required: read.is_expiration_required,
            maximum: read
                .maximum_duration
                .and_then(|text| text.parse::<Length>().ok()),
        }),
        RuleSetting::Enablement(read) => {
            Rule::Enablement(read.enabled_rules.into_iter().map(given).collect())
        }
        RuleSetting::Approval(read) => Rule::Approval(approval(&read.setting)),
        RuleSetting::AuthenticationContext(read) => Rule::AuthenticationContext(
            read.claim_value
                .filter(|claim| read.is_enabled && !claim.as_str().is_empty()),
        ),
        RuleSetting::Notification(read) => Rule::Notification(Notification {
            default_recipients: read.is_default_recipients_enabled,
            recipients: read
                .notification_recipients
                .iter()
                .filter(|address| !address.is_empty())
                .map(|address| address.to_lowercase())
                .collect(),
            level: level(read.notification_level.as_ref())?,
        }),
    })
}

fn given(demand: wire::Demand) -> Given {
    match demand {
        wire::Demand::MultiFactorAuthentication => Given::MultiFactorAuthentication,
        wire::Demand::Justification => Given::Justification,
        wire::Demand::Ticketing => Given::Ticketing,
        wire::Demand::Other(name) => Given::Other(name),
    }
}

fn level(level: Option<&wire::NotificationLevel>) -> Result<NotificationLevel, String> {
    Ok(match level {
        Some(wire::NotificationLevel::None) => NotificationLevel::None,
        Some(wire::NotificationLevel::Critical) => NotificationLevel::Critical,
        Some(wire::NotificationLevel::All) | None => NotificationLevel::All,
        Some(wire::NotificationLevel::Other(name)) => {
            return Err(format!("the notification level {name:?} is not known"));
        }
    })
}

/// Escalation and further stages are no part of what manifests say; a policy that has them differs by an approver that
/// nobody can declare.
fn approval(setting: &ApprovalSettings) -> Approval {
    let stages = &setting.approval_stages;
    let mut approvers: BTreeSet<Approver> = stages
        .iter()
        .flat_map(|stage| stage.primary_approvers.iter())
        .map(approver)
        .collect();
    if stages.len() > 1 {
        approvers.insert(Approver::Other(format!("{} stages", stages.len())));
    }
    if stages.iter().any(|stage| stage.is_escalation_enabled) {
        approvers.insert(Approver::Other("escalation".to_owned()));
    }
    // What is written with every approval rule counts in the comparison, too: a mode in which nobody is asked would make
    // the rest of the rule say nothing.
    if setting.is_approval_required
        && let Some(mode) = &setting.approval_mode
        && *mode != ApprovalMode::SingleStage
    {
        approvers.insert(Approver::Other(format!("approval mode {mode}")));
    }
    let justified = stages
        .first()
        .is_none_or(|stage| stage.is_approver_justification_required);
    Approval {
        required: setting.is_approval_required,
        approvers,
        approver_justification: justified,
    }
}

fn approver(read: &WireApprover) -> Approver {
    match read {
        WireApprover::User(id) => Approver::User(*id),
        WireApprover::Members(id) => Approver::Group((*id).into()),
        WireApprover::Other { odata_type } => Approver::Other(odata_type.clone()),
    }
}

/// A rule as the client writes it.
pub fn to_wire(key: RuleKey, rule: &Rule) -> wire::Rule {
    let setting = match rule {
        Rule::Expiration(value) => RuleSetting::Expiration(wire::Expiration {
            is_expiration_required: value.required,
            maximum_duration: value.maximum.map(|maximum| maximum.to_string()),
        }),
        Rule::Enablement(value) => RuleSetting::Enablement(wire::Enablement {
            enabled_rules: value
                .iter()
                .map(|given| wire::Demand::from(given.to_string().as_str()))
                .collect(),
        }),
        Rule::Approval(value) => RuleSetting::Approval(wire::Approval {
            setting: approval_to_wire(value),
        }),
        Rule::AuthenticationContext(value) => {
            RuleSetting::AuthenticationContext(wire::AuthenticationContextSetting {
                is_enabled: value.is_some(),
                claim_value: value.clone(),
            })
        }
        Rule::Notification(value) => RuleSetting::Notification(notification_to_wire(key, value)),
    };
    wire::Rule {
        id: key.id(),
        target: Some(target(key)),
        setting,
    }
}

fn approval_to_wire(value: &Approval) -> ApprovalSettings {
    let approvers = value
        .approvers
        .iter()
        .filter_map(|approver| match approver {
            Approver::User(id) => Some(WireApprover::User(*id)),
            Approver::Group(id) => Some(WireApprover::Members(GroupId(id.0))),
            // No rule that asks for approval is written with one.
            Approver::Other(_) => None,
        });
    ApprovalSettings {
        is_approval_required: value.required,
        is_approval_required_for_extension: false,
        is_requestor_justification_required: true,
        approval_mode: Some(ApprovalMode::SingleStage),
        approval_stages: vec![ApprovalStage {
            approval_stage_time_out_in_days: 1,
            is_approver_justification_required: value.approver_justification,
            escalation_time_in_minutes: 0,
            is_escalation_enabled: false,
            primary_approvers: approvers.collect(),
            escalation_approvers: Vec::new(),
        }],
    }
}

fn notification_to_wire(key: RuleKey, value: &Notification) -> wire::Notification {
    let recipient = match key {
        RuleKey::Notification(Recipient::Requestor, _) => wire::Recipient::Requestor,
        RuleKey::Notification(Recipient::Approver, _) => wire::Recipient::Approver,
        _ => wire::Recipient::Admin,
    };
    let level = match value.level {
        NotificationLevel::All => wire::NotificationLevel::All,
        NotificationLevel::Critical => wire::NotificationLevel::Critical,
        NotificationLevel::None => wire::NotificationLevel::None,
    };
    wire::Notification {
        notification_type: Some("Email".to_owned()),
        recipient_type: Some(recipient),
        notification_level: Some(level),
        is_default_recipients_enabled: value.default_recipients,
        notification_recipients: value.recipients.iter().cloned().collect(),
    }
}

/// The target of a rule is fixed by its id; the service wants it back as it gave it
/// (learn.microsoft.com: unifiedrolemanagementpolicyruletarget).
fn target(key: RuleKey) -> wire::RuleTarget {
    let id = key.id();
    let (caller, level) = if id.as_str().ends_with("_Admin_Eligibility") {
        ("Admin", "Eligibility")
    } else if id.as_str().ends_with("_Admin_Assignment") {
        ("Admin", "Assignment")
    } else {
        ("EndUser", "Assignment")
    };
    wire::RuleTarget {
        caller: Some(caller.to_owned()),
        operations: vec!["All".to_owned()],
        level: Some(level.to_owned()),
        inheritable_settings: Vec::new(),
        enforced_settings: Vec::new(),
    }
}
