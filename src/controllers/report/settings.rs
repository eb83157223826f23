//! What the status of a `PrivilegedGroup` says of its settings: what each is to be, where that comes from, and which version of
//! its template the group has come to be ready with.

use pim_api::{
    GroupSettings, InheritedTemplate, PartOrigin, PolicyTemplate, PrivilegedGroupStatus,
    SettingStatus,
};
use pim_core::settings::{EffectiveSetting, SettingOrigin};
use pim_core::verdict::{GroupRecord, PolicyState, State, Verdict};

use crate::adapters::lenient;
use crate::controllers::conditions::cut;
use crate::resolve::{Manifests, template};

/// Fills in the settings and the template.
pub fn fill(
    status: &mut PrivilegedGroupStatus,
    verdict: &Verdict,
    record: &GroupRecord,
    manifests: &Manifests,
) {
    let settings = &record.settings;
    let is_known = !settings.member.is_empty() && !settings.owner.is_empty();
    status.settings = is_known.then(|| GroupSettings {
        member: settings.member.iter().map(setting).collect(),
        owner: settings.owner.iter().map(setting).collect(),
    });
    status.template = inherited(status, verdict, record, manifests);
}

fn setting(setting: &EffectiveSetting) -> SettingStatus {
    let (origin, parts) = match setting.origins.as_slice() {
        [("", origin)] => (Some(*origin), Vec::new()),
        origins => {
            let part = |(part, origin): &(&str, SettingOrigin)| PartOrigin {
                part: (*part).to_owned(),
                origin: *origin,
            };
            (None, origins.iter().map(part).collect())
        }
    };
    SettingStatus {
        setting: setting.path.to_owned(),
        value: cut(&setting.value, 256),
        origin,
        parts,
    }
}

/// What is remembered of the template. While it is missing or cannot be read, that stays as it was.
fn inherited(
    status: &PrivilegedGroupStatus,
    verdict: &Verdict,
    record: &GroupRecord,
    manifests: &Manifests,
) -> Option<InheritedTemplate> {
    let reference = manifests.group.spec.policy.template_ref.as_ref()?;
    let known = template::known(&manifests.group, status);
    let readable = |object: &&PolicyTemplate| lenient::reason(*object).is_none();
    let Some(object) = manifests.template.as_deref().filter(readable) else {
        return known.cloned();
    };
    let version = template::version(object);
    let policies = [&record.policies.member, &record.policies.owner];
    let is_applied = verdict.state == State::Ready
        && policies
            .into_iter()
            .all(|policy| *policy == PolicyState::Applied);
    Some(InheritedTemplate {
        name: reference.name.clone(),
        observed: version.clone(),
        applied: if is_applied {
            Some(version)
        } else {
            known.and_then(|known| known.applied.clone())
        },
    })
}
