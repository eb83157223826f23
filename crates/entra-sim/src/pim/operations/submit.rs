//! From a request that is understood to what comes of it, in every area that PIM manages.

use jiff::Timestamp;
use uuid::Uuid;

use super::mirror::carry_out;
use crate::ids::ObjectId;
use crate::pim::area::Area;
use crate::pim::engine::{
    Action, Deferral, Fresh, Holding, Kind, Mode, Request, RequestRecord, Standing, Terms, Via,
};
use crate::pim::policies::find as policies;
use crate::pim::refusal::Refusal;
use crate::pim::session::fresh;
use crate::state::Tenant;

/// Judges a request and carries it out, or notes when that is to be.
pub(crate) fn submit<P: Area>(
    tenant: &mut Tenant,
    asked: Request<P>,
    now: Timestamp,
    deferral: Option<Deferral>,
) -> Result<RequestRecord<P>, Refusal> {
    let fresh = fresh(tenant);
    submit_as(tenant, asked, fresh, now, deferral)
}

/// The same under ids that are given.
pub(crate) fn submit_as<P: Area>(
    tenant: &mut Tenant,
    asked: Request<P>,
    fresh: Fresh,
    now: Timestamp,
    deferral: Option<Deferral>,
) -> Result<RequestRecord<P>, Refusal> {
    let (holding, mode) = (asked.holding, asked.mode);
    let options = P::options(&tenant.behaviours);
    let policy = policies::ensure(tenant, holding.privilege.policy());
    let terms = Terms {
        now,
        fresh,
        policy: &policy,
        options: &options,
        standing: match holding.kind {
            Kind::Active => P::standing(tenant, &holding),
            Kind::Eligible => Standing::None,
        },
        removal: P::removal(tenant, &holding),
        // Searched for only where a request needs it.
        eligibility: match asked.action {
            Action::SelfActivate => eligibility(tenant, &holding),
            _ => None,
        },
        deferral,
    };
    let submitted = P::store_mut(tenant).submit(asked, &terms)?;
    if mode == Mode::Real {
        holding.privilege.onboard(tenant);
    }
    carry_out(tenant, submitted.changes);
    if submitted.ends_standing {
        P::end_standing(tenant, &holding, now)?;
    }
    Ok(submitted.request)
}

/// Notes a request that the service accepted and could not carry out.
pub(super) fn fail<P: Area>(
    tenant: &mut Tenant,
    asked: Request<P>,
    now: Timestamp,
) -> RequestRecord<P> {
    let fresh = fresh(tenant);
    let options = P::options(&tenant.behaviours);
    P::store_mut(tenant).fail(asked, fresh, now, &options)
}

/// The eligibility that a principal may activate: their own, or that of a group they are in.
fn eligibility<P: Area>(tenant: &Tenant, holding: &Holding<P>) -> Option<(Uuid, Via)> {
    let in_force = |principal: ObjectId| {
        let eligible = Holding {
            kind: Kind::Eligible,
            principal,
            ..*holding
        };
        P::store(tenant)
            .of_holding(&eligible)
            .find(|schedule| schedule.in_force())
            .map(|schedule| schedule.id)
    };
    let own = in_force(holding.principal).map(|id| (id, Via::Direct));
    own.or_else(|| {
        let groups = tenant.directory.all_groups_of(holding.principal);
        let found = groups.into_iter().find_map(in_force);
        found.map(|id| (id, Via::Group))
    })
}
