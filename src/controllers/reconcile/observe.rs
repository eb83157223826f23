//! The reads of a reconcile: what a plan needs, and what was written to.

use std::collections::BTreeSet;

use pim_core::action::WriteKey;
use pim_core::ids::PrincipalId;
use pim_core::knowledge::{Needs, Part};
use pim_core::plan::Plan;

use super::applied::{Applied, made};
use super::duplicates;
use super::reconciliation::Reconciliation;
use crate::controllers::failure::Failure;
use crate::reader::Depth;
use crate::reader::observe::{self, After};
use crate::resolve;

impl Reconciliation<'_> {
    /// What a plan needs that was not read for it yet.
    pub fn unread(&self, plan: &Plan) -> Option<Needs> {
        let missing: Needs = plan.needs.difference(&self.served).copied().collect();
        (!missing.is_empty()).then_some(missing)
    }

    /// Reads what a plan needs: names and lists at the same time, so that they travel together.
    pub async fn observe(&mut self, parts: &Needs) -> Result<(), Failure> {
        let names = async {
            if !parts.contains(&Part::Names) {
                return Ok(None);
            }
            let found = resolve::names(
                &self.tenant.reader,
                self.manifests,
                &self.context.statuses,
                &self.desired,
                &self.memory,
                Depth::Full,
            )
            .await?;
            Ok(Some(found.with_accounts()))
        };
        let lists = observe::read(
            &self.tenant.reader,
            &self.target,
            self.observed.clone(),
            parts,
        );
        let (names, observed) =
            futures::try_join!(names, lists).map_err(|error| Failure::from(&error))?;
        self.observed = observed;
        self.name_roles();
        if let Some(names) = names {
            self.desired.meet(names);
        }
        self.served.extend(parts);
        Ok(())
    }

    /// Looks up what people are called whom no object names and of whom a plan tells, and says whether that is news. It is asked
    /// once for each of them; where the answer fails, nothing waits for it.
    pub async fn meet_strangers(&mut self, plan: &Plan) -> bool {
        let unit = &self.desired;
        let is_unknown = |id: &PrincipalId| {
            unit.names.name_of(*id).is_none()
                && !unit.strangers.contains_key(id)
                && !self.met.contains(id)
        };
        let people = plan.undeclared_people(&unit.group.object());
        let ids: Vec<PrincipalId> = people.iter().copied().filter(is_unknown).collect();
        self.met.extend(&ids);
        if ids.is_empty() {
            return false;
        }
        let Ok(found) = self.tenant.reader.names_of(&ids).await else {
            return false;
        };
        let named = ids.into_iter().map(|id| {
            let name = found.get(&id).cloned();
            (id, name.unwrap_or_else(|| id.to_string()))
        });
        self.desired.strangers.extend(named);
        let strangers = self.desired.strangers.clone();
        self.tenant
            .reader
            .keep_strangers(&self.target.name, strangers);
        true
    }

    /// What was written to counts as read earlier; a group that was written to is looked for.
    pub async fn observe_again(&mut self, applied: &[Applied]) -> Result<(), Failure> {
        let keys: Vec<WriteKey> = applied.iter().map(|one| one.action.write.key()).collect();
        let touched: BTreeSet<Part> = keys
            .iter()
            .flat_map(|key| key.touches().iter().copied())
            .collect();
        self.observed
            .demote(&touched.iter().copied().collect::<Vec<_>>());
        self.served.retain(|part| !touched.contains(part));
        if touched.contains(&Part::People) {
            self.tenant.reader.doubt_people(&self.target.name);
        }
        if keys.iter().any(|key| key.touches().is_empty()) {
            let after = if keys.contains(&WriteKey::Delete) {
                After::Deletion
            } else {
                After::Change
            };
            self.find_again(applied, after).await?;
        }
        Ok(())
    }

    async fn find_again(&mut self, applied: &[Applied], after: After) -> Result<(), Failure> {
        let (reader, before) = (&self.tenant.reader, self.observed.clone());
        let made = made(applied);
        let own = made.or_else(|| self.observed.group.living_id());
        let found = observe::find_again(reader, &self.target, before, after);
        let named = duplicates::tell(self, applied, own);
        let (found, ()) = futures::join!(found, named);
        self.observed = found.map_err(|error| Failure::from(&error))?;
        if let Some(id) = made
            && self.observed.group.living_id() == Some(id)
        {
            // The service has just made it, and without owners: nobody is in it, and it holds nothing.
            self.observed.nobody_is_in_it();
            reader.keep_people(&self.target.name, &self.observed);
        }
        self.served.clear();
        Ok(())
    }
}
