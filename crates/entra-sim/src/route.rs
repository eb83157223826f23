//! What a table of operations is made of: one line per operation, written with [`routes!`].
//!
//! A route says everything that happens before and after its handler: who may call, what it costs, what the bodies are.
//! Handlers hold the rest. Nothing here knows an area; the areas are listed in `areas`.

use crate::call::{Answered, Call};
use crate::ids::RoleId;
use crate::permission::{ANYONE, Permissions};
use crate::state::Tenant;
use crate::version::Version;

/// What runs when a request matches.
pub(crate) type Handler = fn(&mut Tenant, &Call) -> Answered;

/// Declares a table of operations of one service. A line holds method, path below the version, permission sets, handler
/// and operation, and behind `=>` the builders of [`Route`] that say what is special about it.
macro_rules! routes {
    ($visibility:vis $table:ident, $service:expr;
        $(
            $method:ident $pattern:expr, $permissions:expr, $handler:expr, $operation:expr
            $(=> $($builder:ident($($argument:expr),*)),+)?;
        )+
    ) => {
        $visibility const $table: &[$crate::route::Route] = &[
            $($crate::route::Route::$method($pattern, $operation, $handler)
                .permit($permissions, $service)
                $($(.$builder($($argument),*))+)?),+
        ];
    };
}
pub(crate) use routes;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Verb {
    Get,
    Post,
    Patch,
    Delete,
}

impl Verb {
    /// The method of a request, if the service has it.
    pub(crate) fn of(method: &http::Method) -> Option<Self> {
        match method.as_str() {
            "GET" => Some(Self::Get),
            "POST" => Some(Self::Post),
            "PATCH" => Some(Self::Patch),
            "DELETE" => Some(Self::Delete),
            _ => None,
        }
    }
}

/// One operation of the service.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Route {
    pub(crate) verb: Verb,
    /// The path below the version, for instance `/groups/{group}/members/$ref` or `/groups(uniqueName='{uniqueName}')`.
    pub(crate) pattern: &'static str,
    /// Name in journal, faults and counters, for instance `groups.create`.
    pub(crate) operation: &'static str,
    /// Application permissions: one of these sets must be held in full.
    pub(crate) permissions: Permissions,
    /// Signed-in users who may ask for it.
    pub(crate) delegated: Delegated,
    /// How a missing permission is refused.
    pub(crate) denial: Denial,
    pub(crate) bucket: Bucket,
    /// Type of the body, held against the published types before the handler runs.
    pub(crate) request_type: Option<&'static str>,
    pub(crate) response: Shape,
    /// Whether rows of several types stand in the answer, so that `$select` may miss in some.
    pub(crate) mixed: bool,
    /// Whether the beta version serves it, too.
    pub(crate) in_beta: bool,
    /// Whether the operation changes nothing, whatever its method: `getByIds` is a POST that reads.
    pub(crate) reads: bool,
    pub(crate) handler: Handler,
}

/// The request type of a `$ref` operation: an object with nothing but `@odata.id`.
pub(crate) const REFERENCE: &str = "$ref";

/// Whom an operation is open to when a user is signed in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Delegated {
    /// The handler judges, or nothing is changed.
    Handler,
    /// Holders of one of these roles.
    Roles(&'static [RoleId]),
    /// Members of the organization: who creates a group.
    NewGroup,
    /// Owners of the group that the path names, and holders of one of these roles. Of groups that roles can be assigned
    /// to, owners and those who manage roles.
    Group(&'static [RoleId]),
    /// Who may create a group when it does not exist yet, else who may change it.
    Upsert,
    /// Who may delete the item that the path names.
    DeletedItem,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Denial {
    /// `Authorization_RequestDenied`.
    Directory,
    /// `PermissionScopeNotGranted` of PIM for Groups and of the policies: see `scopeDenial`.
    Scope,
    /// `PermissionScopeNotGranted` of PIM for directory roles: see `roleScopeDenial`.
    RoleScope,
    /// `AccessDenied`.
    Gateway,
}

/// Whose budget an operation draws on (learn.microsoft.com: "Microsoft Graph service-specific throttling limits").
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Bucket {
    /// Identity and access, with the resource units of a GET without options. A write costs one unit and one write.
    Directory { units: u32 },
    /// PIM schedules and requests.
    Pim,
    /// Role management policies.
    Policy,
    /// Conditional Access: one request a second for the whole tenant, no `Retry-After`.
    ConditionalAccess,
    /// Audit log: five requests in ten seconds.
    Audit,
    /// Intune's roles: writes of an application, and requests of any kind.
    Intune,
}

/// A service behind Graph: the operations of a table share its way to refuse and its budget.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Service {
    denial: Denial,
    bucket: Bucket,
}

impl Service {
    pub(crate) const DIRECTORY: Self = Self::new(Denial::Directory, Bucket::Directory { units: 1 });
    pub(crate) const GROUP_PIM: Self = Self::new(Denial::Scope, Bucket::Pim);
    pub(crate) const ROLE_PIM: Self = Self::new(Denial::RoleScope, Bucket::Pim);
    pub(crate) const POLICIES: Self = Self::new(Denial::Scope, Bucket::Policy);
    pub(crate) const ACCESS: Self = Self::new(Denial::Gateway, Bucket::ConditionalAccess);
    pub(crate) const AUDIT: Self = Self::new(Denial::Gateway, Bucket::Audit);
    pub(crate) const INTUNE: Self = Self::new(Denial::Gateway, Bucket::Intune);

    const fn new(denial: Denial, bucket: Bucket) -> Self {
        Self { denial, bucket }
    }
}

/// What the answer holds. `set` is what follows `$metadata#`; `{param}` stands for a parameter of the pattern.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Shape {
    Entity {
        kind: &'static str,
        set: &'static str,
    },
    Collection {
        kind: &'static str,
        set: &'static str,
    },
    /// No body, or a body of no published type.
    Untyped,
}

impl Route {
    const fn new(
        verb: Verb,
        pattern: &'static str,
        operation: &'static str,
        handler: Handler,
    ) -> Self {
        Self {
            verb,
            pattern,
            operation,
            permissions: ANYONE,
            delegated: Delegated::Handler,
            denial: Service::DIRECTORY.denial,
            bucket: Service::DIRECTORY.bucket,
            request_type: None,
            response: Shape::Untyped,
            mixed: false,
            in_beta: false,
            reads: matches!(verb, Verb::Get),
            handler,
        }
    }

    pub(crate) const fn get(path: &'static str, operation: &'static str, run: Handler) -> Self {
        Self::new(Verb::Get, path, operation, run)
    }

    pub(crate) const fn post(path: &'static str, operation: &'static str, run: Handler) -> Self {
        Self::new(Verb::Post, path, operation, run)
    }

    pub(crate) const fn patch(path: &'static str, operation: &'static str, run: Handler) -> Self {
        Self::new(Verb::Patch, path, operation, run)
    }

    pub(crate) const fn delete(path: &'static str, operation: &'static str, run: Handler) -> Self {
        Self::new(Verb::Delete, path, operation, run)
    }

    /// The application permissions, and the service that refuses without them.
    pub(crate) const fn permit(mut self, permissions: Permissions, service: Service) -> Self {
        self.permissions = permissions;
        self.denial = service.denial;
        self.bucket = service.bucket;
        self
    }

    pub(crate) const fn delegate(mut self, delegated: Delegated) -> Self {
        self.delegated = delegated;
        self
    }

    /// Open to users who hold one of these roles.
    pub(crate) const fn roles(self, roles: &'static [RoleId]) -> Self {
        self.delegate(Delegated::Roles(roles))
    }

    /// Open to owners of the group and to users who hold one of these roles.
    pub(crate) const fn owners_or(self, roles: &'static [RoleId]) -> Self {
        self.delegate(Delegated::Group(roles))
    }

    /// Costs these units of the directory.
    pub(crate) const fn units(mut self, units: u32) -> Self {
        self.bucket = Bucket::Directory { units };
        self
    }

    /// The type of the body.
    pub(crate) const fn takes(mut self, kind: &'static str) -> Self {
        self.request_type = Some(kind);
        self
    }

    pub(crate) const fn mixed(mut self) -> Self {
        self.mixed = true;
        self
    }

    /// Answers one object of this type.
    pub(crate) const fn entity(mut self, kind: &'static str, set: &'static str) -> Self {
        self.response = Shape::Entity { kind, set };
        self
    }

    /// Answers a collection of this type.
    pub(crate) const fn collection(mut self, kind: &'static str, set: &'static str) -> Self {
        self.response = Shape::Collection { kind, set };
        self
    }

    /// Served in the beta version, too.
    pub(crate) const fn also_in_beta(mut self) -> Self {
        self.in_beta = true;
        self
    }

    /// Whether a version of Graph has it.
    pub(crate) fn is_in(&self, version: Version) -> bool {
        version == Version::V1 || self.in_beta
    }

    /// A POST that changes nothing.
    pub(crate) const fn reading(mut self) -> Self {
        self.reads = true;
        self
    }
}
