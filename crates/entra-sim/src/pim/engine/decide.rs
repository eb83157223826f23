//! Whether a request may be, and what it comes to. Reads only.
//!
//! Order of the answers: what does or does not exist, then age, then the window, then the policy. Codes and
//! preconditions: learn.microsoft.com, privilegedaccessgroup-post-assignmentschedulerequests and
//! governanceroleassignmentrequest-post.

use jiff::SignedDuration;
use uuid::Uuid;

use super::options::{ExtensionAnswer, FiveMinutes, Quirk};
use super::request::{Action, Request, Session};
use super::schedule::{Holding, Kind, NewSchedule, Origin, Phase, Privilege, Schedule};
use super::store::{Lookup, Store};
use super::terms::{Decision, Removal, Standing, Terms};
use crate::pim::policy::evaluate::{Brought, Occasion, failed_rules};
use crate::pim::refusal::{FailedRule, Refusal};
use crate::pim::window::ScheduleWindow;

/// Assignments younger than this can not be ended.
const YOUNG: SignedDuration = SignedDuration::from_mins(5);

impl<P: Privilege> Store<P> {
    pub(super) fn decide(
        &self,
        asked: &Request<P>,
        terms: &Terms<'_>,
    ) -> Result<Decision, Refusal> {
        match asked.action {
            Action::AdminAssign => self.assign(asked, terms),
            Action::AdminUpdate | Action::AdminExtend => self.update(asked, terms),
            Action::AdminRenew => self.renew(asked, terms),
            Action::AdminRemove => self.remove(asked, terms),
            Action::SelfActivate => self.activate(asked, terms),
            Action::SelfDeactivate => self.deactivate(asked, terms),
            Action::SelfExtend | Action::SelfRenew => Err(Refusal::request(
                "Only an administrator extends and renews here.",
            )),
        }
    }

    fn assign(&self, asked: &Request<P>, terms: &Terms<'_>) -> Result<Decision, Refusal> {
        self.refuse_pending(&asked.holding)?;
        let blocking = |schedule: &Schedule<P>| {
            schedule.is_assigned() || !terms.options.has(Quirk::AssignOverActivation)
        };
        if self.of_holding(&asked.holding).any(blocking) {
            return Err(Refusal::Exists);
        }
        if terms.standing == Standing::Held && !terms.options.has(Quirk::AssignOverStanding) {
            return Err(Refusal::Exists);
        }
        assigned_window(asked, terms, None)
    }

    fn update(&self, asked: &Request<P>, terms: &Terms<'_>) -> Result<Decision, Refusal> {
        self.refuse_pending(&asked.holding)?;
        let Some(current) = self
            .assigned(&asked.holding)
            .filter(|schedule| schedule.visible_from <= terms.now)
        else {
            let changeable =
                terms.standing == Standing::Held && terms.options.has(Quirk::ChangeStanding);
            return if changeable && asked.action == Action::AdminUpdate {
                assigned_window(asked, terms, None)
            } else {
                Err(Refusal::DoesNotExist)
            };
        };
        if terms.options.has(Quirk::YoungCanNotChange) {
            self.refuse_young(current, terms)?;
        }
        if asked.action == Action::AdminExtend {
            let Some(end) = current.window.end else {
                return Err(Refusal::schedule(
                    "A permanent assignment can not be extended.",
                ));
            };
            if asked
                .requested
                .window(terms.now)?
                .end
                .is_some_and(|new| new <= end)
            {
                return Err(Refusal::schedule("An extension ends later."));
            }
        }
        let decision = assigned_window(asked, terms, Some(current.id))?;
        let leaves_force =
            matches!(&decision, Decision::Schedule(new) if new.window.start > terms.now);
        if leaves_force && current.in_force() && terms.removal == Removal::Impossible {
            return Err(Refusal::LastOwner);
        }
        Ok(decision)
    }

    fn renew(&self, asked: &Request<P>, terms: &Terms<'_>) -> Result<Decision, Refusal> {
        self.refuse_pending(&asked.holding)?;
        if self.assigned(&asked.holding).is_some() || terms.standing == Standing::Held {
            return Err(Refusal::Exists);
        }
        if !self.expired.contains(&asked.holding) {
            return Err(Refusal::DoesNotExist);
        }
        assigned_window(asked, terms, None)
    }

    fn remove(&self, asked: &Request<P>, terms: &Terms<'_>) -> Result<Decision, Refusal> {
        self.refuse_ending(&asked.holding)?;
        let shown = |schedule: &&Schedule<P>| schedule.visible_from <= terms.now;
        let current = self
            .assigned(&asked.holding)
            .or_else(|| self.activated(&asked.holding))
            .filter(shown);
        let Some(current) = current else {
            if terms.standing == Standing::None || !terms.options.has(Quirk::ChangeStanding) {
                return Err(Refusal::DoesNotExist);
            }
            return match terms.removal {
                Removal::Possible => Ok(Decision::EndStanding),
                Removal::Impossible => Err(Refusal::LastOwner),
            };
        };
        self.refuse_young(current, terms)?;
        if current.in_force() && terms.removal == Removal::Impossible {
            return Err(Refusal::LastOwner);
        }
        Ok(Decision::End(current.id))
    }

    fn activate(&self, asked: &Request<P>, terms: &Terms<'_>) -> Result<Decision, Refusal> {
        self.refuse_pending(&asked.holding)?;
        if self.of_holding(&asked.holding).next().is_some() || terms.standing == Standing::Held {
            return Err(Refusal::Exists);
        }
        let window = asked.requested.window(terms.now)?;
        let mut failed = failed_rules(
            terms.policy,
            Occasion::Activation,
            &brought(asked, window, terms),
        );
        if terms.eligibility.is_none() {
            failed.insert(0, FailedRule::Eligibility);
        }
        let (Some((eligibility, via)), true) = (terms.eligibility, failed.is_empty()) else {
            return Err(Refusal::Rules(failed));
        };
        refuse_without_context(asked, terms)?;
        let extension = terms
            .policy
            .calls_extension()
            .then_some(terms.options.extension);
        let start = window.start;
        match extension {
            Some(ExtensionAnswer::Denied) => Ok(Decision::Deny { start }),
            None | Some(ExtensionAnswer::Approved) if terms.policy.approval().is_some() => {
                Ok(Decision::Await {
                    uses: (eligibility, via),
                    start,
                })
            }
            _ => {
                let origin = Origin::Activated { eligibility, via };
                Ok(Decision::Schedule(NewSchedule {
                    window,
                    replaces: None,
                    origin,
                }))
            }
        }
    }

    fn deactivate(&self, asked: &Request<P>, terms: &Terms<'_>) -> Result<Decision, Refusal> {
        self.refuse_ending(&asked.holding)?;
        let current = self
            .activated(&asked.holding)
            .ok_or(Refusal::DoesNotExist)?;
        self.refuse_young(current, terms)?;
        // Of the last owner the service takes it and tries for thirty days to carry it out.
        Ok(Decision::End(current.id))
    }

    fn refuse_pending(&self, holding: &Holding<P>) -> Result<(), Refusal> {
        if self.pending(holding).is_some() {
            Err(Refusal::Pending)
        } else {
            Ok(())
        }
    }

    /// What is about to end is not ended twice.
    fn refuse_ending(&self, holding: &Holding<P>) -> Result<(), Refusal> {
        match self.pending(holding) {
            Some(request) if request.asked.action.ends() => Err(Refusal::Pending),
            _ => Ok(()),
        }
    }

    /// The rule of five minutes, for the schedule itself or for everything the principal holds.
    fn refuse_young(&self, schedule: &Schedule<P>, terms: &Terms<'_>) -> Result<(), Refusal> {
        let own = schedule.holding.kind == Kind::Active
            || terms.options.has(Quirk::YoungEligibilityStays);
        let is_young = |one: &Schedule<P>| {
            one.phase == Phase::InForce && terms.now.duration_since(one.window.start) < YOUNG
        };
        let young = match terms.options.five_minutes {
            FiveMinutes::Schedule => own && is_young(schedule),
            FiveMinutes::Privilege | FiveMinutes::Principal => self
                .schedules(&Lookup::Principal(schedule.holding.principal))
                .into_iter()
                .filter(|one| {
                    terms.options.five_minutes == FiveMinutes::Principal
                        || one.holding.privilege == schedule.holding.privilege
                })
                .any(|one| one.holding.kind == Kind::Active && is_young(one)),
        };
        if young {
            Err(Refusal::TooYoung)
        } else {
            Ok(())
        }
    }
}

/// The window of an administrator's request, when the policy agrees.
fn assigned_window<P>(
    asked: &Request<P>,
    terms: &Terms<'_>,
    replaces: Option<Uuid>,
) -> Result<Decision, Refusal> {
    let window = asked.requested.window(terms.now)?;
    let occasion = match asked.holding.kind {
        Kind::Eligible => Occasion::Eligible,
        Kind::Active => Occasion::Active,
    };
    let failed = failed_rules(terms.policy, occasion, &brought(asked, window, terms));
    if !failed.is_empty() {
        return Err(Refusal::Rules(failed));
    }
    Ok(Decision::Schedule(NewSchedule {
        window,
        replaces,
        origin: Origin::Assigned,
    }))
}

fn brought<P>(asked: &Request<P>, window: ScheduleWindow, terms: &Terms<'_>) -> Brought {
    Brought {
        window,
        justified: asked.justification.is_some(),
        ticketed: asked.ticket.number.is_some(),
        multi_factor: match &asked.creator.session {
            Session::Application => !terms.options.has(Quirk::MfaForApplications),
            Session::User { multi_factor, .. } => *multi_factor,
        },
    }
}

/// The session must satisfy the authentication context of the policy; the answer carries a claims challenge.
fn refuse_without_context<P>(asked: &Request<P>, terms: &Terms<'_>) -> Result<(), Refusal> {
    let Some(context) = terms.policy.authentication_context() else {
        return Ok(());
    };
    match &asked.creator.session {
        Session::User { contexts, .. } if contexts.iter().any(|one| one == context) => Ok(()),
        _ => Err(Refusal::AuthenticationContext(context.to_owned())),
    }
}
