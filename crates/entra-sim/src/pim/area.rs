//! What PIM for Groups and PIM for directory roles do differently: everything else about requests, lists and schedules
//! is written once, in [`super::operations`], for whatever implements [`Area`].

use jiff::{SignedDuration, Timestamp};
use serde_json::{Map, Value};
use uuid::Uuid;

use super::engine::{
    Change, Deferral, EngineOptions, Holding, Kind, Lookup, Privilege, Removal, Request, Schedule,
    Standing, Store,
};
use super::policies::stored::PolicyScope;
use super::refusal::Refusal;
use crate::behaviours::Behaviours;
use crate::call::Call;
use crate::error::GraphError;
use crate::ids::ObjectId;
use crate::odata::Capabilities;
use crate::permission::Permissions;
use crate::state::Tenant;

/// How far what a request is about has come in the replicas of PIM.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Readiness {
    Unknown,
    /// Known, but requests come to nothing.
    Failing,
    Ready,
}

/// The lists that differ in what they can be asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Listing {
    /// Schedules and instances.
    Schedules,
    Requests,
    /// Requests of the signed-in user.
    MyRequests,
}

/// Whether rows show schedules or what they come to now.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum RowForm {
    Schedule,
    Instance,
}

/// Whether access is taken away when its schedule ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Withheld {
    No,
    /// The schedule is held over and tried again.
    Retried,
    /// The service has given up: the access stands without a schedule.
    GivenUp,
}

/// An area that PIM manages, named by what it gives.
pub(crate) trait Area: Privilege + Copy {
    fn store(tenant: &Tenant) -> &Store<Self>;
    fn store_mut(tenant: &mut Tenant) -> &mut Store<Self>;
    /// The open questions of the engine, as the switches answer them.
    fn options(behaviours: &Behaviours) -> EngineOptions;
    /// How long lists show what a deleted principal held.
    fn orphans_shown_for(behaviours: &Behaviours) -> SignedDuration;
    /// The policy that judges requests.
    fn policy(self) -> PolicyScope;
    /// Whether it may be taken away now.
    fn removal(tenant: &Tenant, holding: &Holding<Self>) -> Removal;
    /// Whether the principal holds it actively by other means than PIM, as far as PIM knows.
    fn standing(tenant: &Tenant, holding: &Holding<Self>) -> Standing;
    /// Ends what is held outside of PIM.
    fn end_standing(
        tenant: &mut Tenant,
        holding: &Holding<Self>,
        at: Timestamp,
    ) -> Result<(), Refusal>;
    /// The first request that is more than a validation puts a place under the management of PIM.
    fn onboard(self, _tenant: &mut Tenant) {}
    /// The access begins.
    fn begin(tenant: &mut Tenant, holding: &Holding<Self>, at: Timestamp);
    /// No schedule gives the access any more.
    fn cease(tenant: &mut Tenant, holding: &Holding<Self>, at: Timestamp) -> Result<(), Refusal>;
    /// Whether the service can not take the access away although its schedule is over.
    fn withhold(_tenant: &mut Tenant, _change: &Change<Self>) -> Withheld {
        Withheld::No
    }
    /// Whether the place still stands.
    fn stands(self, _tenant: &Tenant) -> bool {
        true
    }
    /// A principal was deleted: what they held outside of PIM.
    fn outside_lost(_tenant: &mut Tenant, _principal: ObjectId, _at: Timestamp) {}
    /// A principal was restored: what they hold outside of PIM again.
    fn outside_restored(_tenant: &mut Tenant, _principal: ObjectId, _at: Timestamp) {}
}

/// An area that Graph is asked about.
pub(crate) trait GraphArea: Area {
    /// In what respect `filterByCurrentUser` finds requests.
    const MY_REQUESTS: &'static [&'static str];
    /// The published type of a request.
    fn request_type(kind: Kind) -> &'static str;
    /// Permissions that let an application ask for everything.
    fn writers(kind: Kind) -> Permissions;
    /// Permissions that let an application take away.
    fn removers(kind: Kind) -> Permissions;
    /// Refuses an application that may not read a list, where the route does not.
    fn require_read(
        tenant: &Tenant,
        call: &Call,
        kind: Kind,
        list: Listing,
    ) -> Result<(), GraphError>;
    /// What the body of a request is about.
    fn read(tenant: &Tenant, body: &Map<String, Value>) -> Result<Self, GraphError>;
    /// Refuses every write to what must not be written.
    fn require_writable(self, tenant: &Tenant) -> Result<(), GraphError>;
    /// Refuses what PIM can not manage, or does not for this caller.
    fn admit(self, tenant: &Tenant, call: &Call) -> Result<Readiness, GraphError>;
    /// Refuses a signed-in user who may not manage it for others.
    fn may_manage(self, tenant: &Tenant, call: &Call) -> Result<(), GraphError>;
    /// Refuses a principal that can not hold it. A request that the service takes and loses is put off for ever.
    fn fits(
        tenant: &Tenant,
        call: &Call,
        asked: &Request<Self>,
    ) -> Result<Option<Deferral>, GraphError>;
    /// The GUID in what a client passes for a request.
    fn guid(named: &str) -> Option<Uuid>;
    /// Where the row of a key can be.
    fn lookup_of_key(key: &str) -> Option<Lookup<Self>>;
    /// Whether a row goes by the key that was asked for.
    fn is_key(own: &str, asked: &str) -> bool;
    /// What the filter of a list narrows it to.
    fn lookup(tenant: &Tenant, call: &Call) -> Result<Lookup<Self>, GraphError>;
    /// Refuses a list of schedules that nothing narrows, where the service does.
    fn require_narrow(_lookup: &Lookup<Self>) -> Result<(), GraphError> {
        Ok(())
    }
    /// What a list can be asked for.
    fn capabilities(tenant: &Tenant, list: Listing) -> &'static Capabilities;
    /// Adds what `$expand` asks for.
    fn expand(tenant: &Tenant, call: &Call, row: &mut Value);
    /// Brings a row to the form that the switches say.
    fn finish(_tenant: &Tenant, _row: &mut Map<String, Value>) {}
    /// What the instance of a schedule says of it beside its dates.
    fn instance(schedule: &Schedule<Self>, row: &mut Map<String, Value>);
    /// Who holds what outside of PIM, as far as lists of active schedules show it.
    fn outside(tenant: &Tenant, lookup: &Lookup<Self>, now: Timestamp) -> Vec<(Self, ObjectId)>;
    /// The one id of what is held outside of PIM, for schedule and instance.
    fn outside_id(self, principal: ObjectId) -> String;
    /// How instances of what is held outside of PIM name their schedule.
    const OUTSIDE_REFERENCES: &'static [&'static str];
    /// Rows that a principal has because of the groups they are in: of any list, or of `filterByCurrentUser` alone.
    fn inherited(
        tenant: &Tenant,
        asked: (Kind, RowForm, Inherited),
        principal: ObjectId,
        now: Timestamp,
    ) -> Vec<Value>;
}

/// For which list inherited rows are asked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Inherited {
    Listed,
    Mine,
}
