//! The list of kinds, and what follows from it: where a kind is served, its status as a type, where its objects are kept.
//! A new kind is a line of the list.

use std::fmt::Debug;
use std::sync::Arc;

use k8s_openapi::apimachinery::pkg::apis::meta::v1::Condition;
use kube::core::ApiResource;
use kube::runtime::reflector::{ObjectRef, Store};
use kube::{Api, Client, Resource, ResourceExt};
use pim_api::{
    AccessBoundary, AccessBoundaryStatus, ActiveAssignment, AssignmentStatus, EligibleAssignment,
    EntraTenant, EntraTenantStatus, PolicyTemplate, PolicyTemplateStatus, PrivilegedGroup,
    PrivilegedGroupStatus, RoleBinding, RoleBindingStatus,
};
use pim_core::desired::{Object, ObjectKind};
use pim_core::ids::ObjectName;
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::Value;
use tokio::sync::{broadcast, watch};

/// Calls a macro with every kind: its scope, its status, and the name of its store. `member` is a namespaced kind whose
/// objects name a group under `spec.groupRef`. The `$` lets the macro define another one.
macro_rules! for_each_kind {
    ($callback:ident) => {
        $callback! { ($)
            EntraTenant: cluster, EntraTenantStatus, tenants;
            AccessBoundary: cluster, AccessBoundaryStatus, boundaries;
            PolicyTemplate: cluster, PolicyTemplateStatus, templates;
            PrivilegedGroup: namespaced, PrivilegedGroupStatus, groups;
            RoleBinding: member, RoleBindingStatus, bindings;
            EligibleAssignment: member, AssignmentStatus, eligible;
            ActiveAssignment: member, AssignmentStatus, active;
        }
    };
}
pub(super) use for_each_kind;

/// One of the kinds of `entra-pim.dev`.
pub trait CustomKind:
    Resource<DynamicType = ()> + Clone + Debug + Serialize + DeserializeOwned + Send + Sync + 'static
{
    /// The type of its status.
    type Status: Clone + Default + PartialEq + Serialize + DeserializeOwned + Send + Sync + 'static;

    /// The kind, as the planner names it.
    const KIND: ObjectKind;

    /// Where the objects of a namespace are served; cluster-scoped kinds have none.
    fn api(client: &Client, namespace: Option<&str>) -> Api<Self>;

    /// The object as one of any kind.
    fn manifest(object: Arc<Self>) -> Manifest;

    /// The status as it was read.
    fn status(&self) -> Option<&Self::Status>;

    /// The name of the group that it names, for kinds that name one.
    fn group_name(&self) -> Option<&str>;

    /// A spec that can be read and asks for nothing: what stands in for one that cannot be read.
    fn unreadable_spec() -> Value;

    /// The conditions of a status.
    fn conditions(status: &Self::Status) -> &[Condition];

    /// A status with other conditions, for a generation.
    fn with_conditions(
        status: Self::Status,
        generation: Option<i64>,
        conditions: Vec<Condition>,
    ) -> Self::Status;
}

macro_rules! kinds {
    (($d:tt) $($Kind:ident: $scope:ident, $Status:ident, $store:ident;)*) => {
        /// An object of any kind.
        #[derive(Debug, Clone)]
        pub enum Manifest {
            $(#[doc = concat!("Of kind `", stringify!($Kind), "`.")] $Kind(Arc<$Kind>),)*
        }

        /// Runs the same code for whichever kind an object is of.
        macro_rules! each_manifest {
            ($d manifest:expr, $d object:ident => $d code:expr) => {
                match $d manifest {
                    $($d crate::adapters::kinds::Manifest::$Kind($d object) => $d code,)*
                }
            };
        }

        /// Everything that is watched, as it was last seen.
        #[derive(Clone)]
        pub struct Stores {
            $(#[doc = concat!("Objects of kind `", stringify!($Kind), "`.")] pub $store: Store<$Kind>,)*
            /// How many kinds were seen completely.
            pub(super) filled: watch::Receiver<usize>,
            /// Which watch is to be begun anew.
            pub(super) anew: broadcast::Sender<ObjectKind>,
        }

        impl Stores {
            /// How many kinds there are.
            pub(super) const KINDS: usize = [$(ObjectKind::$Kind),*].len();

            /// Under which name a kind is served.
            pub(super) fn resource(kind: ObjectKind) -> ApiResource {
                match kind {
                    $(ObjectKind::$Kind => ApiResource::erase::<$Kind>(&()),)*
                }
            }

            /// The objects of a kind.
            pub(super) fn of(&self, kind: ObjectKind) -> Vec<Manifest> {
                match kind {
                    $(ObjectKind::$Kind => {
                        self.$store.state().into_iter().map(Manifest::$Kind).collect()
                    })*
                }
            }

            /// An object as it was last seen.
            pub fn get(&self, object: &Object) -> Option<Manifest> {
                match object.kind {
                    $(ObjectKind::$Kind => {
                        self.$store.get(&reference(&object.name)).map(Manifest::$Kind)
                    })*
                }
            }

            /// Every object, kind by kind.
            pub fn all(&self) -> Vec<Manifest> {
                [$(self.of(ObjectKind::$Kind)),*].into_iter().flatten().collect()
            }

            /// The objects that name a group: kind by kind, in the order of their names.
            pub fn members(&self, group: &ObjectName) -> Vec<Manifest> {
                let mut members = Vec::new();
                $(kinds!(@members $scope, members, self.$store, group);)*
                members
            }
        }

        $(impl CustomKind for $Kind {
            type Status = $Status;

            const KIND: ObjectKind = ObjectKind::$Kind;

            fn api(client: &Client, namespace: Option<&str>) -> Api<Self> {
                kinds!(@api $scope, client, namespace)
            }

            fn manifest(object: Arc<Self>) -> Manifest {
                Manifest::$Kind(object)
            }

            fn status(&self) -> Option<&Self::Status> {
                self.status.as_ref()
            }

            fn group_name(&self) -> Option<&str> {
                kinds!(@group $scope, self)
            }

            fn unreadable_spec() -> Value {
                <$Kind>::smallest_spec()
            }

            fn conditions(status: &Self::Status) -> &[Condition] {
                &status.conditions
            }

            fn with_conditions(
                mut status: Self::Status,
                generation: Option<i64>,
                conditions: Vec<Condition>,
            ) -> Self::Status {
                status.observed_generation = generation;
                status.conditions = conditions;
                status
            }
        })*
    };
    (@api cluster, $client:expr, $namespace:expr) => {{
        let _: Option<&str> = $namespace;
        Api::all($client.clone())
    }};
    (@api $scope:ident, $client:expr, $namespace:expr) => {
        match $namespace {
            Some(namespace) => Api::namespaced($client.clone(), namespace),
            None => Api::all($client.clone()),
        }
    };
    (@group member, $object:expr) => { Some(&$object.spec.group_ref.name) };
    (@group $scope:ident, $object:expr) => { None };
    (@members member, $members:expr, $store:expr, $group:expr) => {
        $members.extend(members_in(&$store, $group));
    };
    (@members $scope:ident, $members:expr, $store:expr, $group:expr) => {};
}

for_each_kind!(kinds);
pub(crate) use each_manifest;

fn reference<K: CustomKind>(name: &ObjectName) -> ObjectRef<K> {
    let reference = ObjectRef::new(&name.name);
    if name.namespace.is_empty() {
        return reference;
    }
    reference.within(&name.namespace)
}

fn members_in<K: CustomKind>(store: &Store<K>, group: &ObjectName) -> Vec<Manifest> {
    let mut objects = store.state();
    // All objects of the cluster are asked, so nothing is copied for that.
    objects.retain(|object| {
        object.group_name() == Some(group.name.as_str())
            && object.meta().namespace.as_deref() == Some(group.namespace.as_str())
    });
    objects.sort_by_key(|object| object.name_any());
    objects.into_iter().map(K::manifest).collect()
}
