//! The table of what the simulated service answers.
//!
//! An area (`directory`, `pim`, `roles`, ...) offers `pub(crate) const ROUTES: &[Route]`; the dispatcher takes them all. A route says
//! everything that happens before and after its handler: who may call, what it costs, what the bodies are. Handlers hold the rest.

use crate::call::{Call, Reply};
use crate::directory::Delegated;
use crate::error::GraphError;
use crate::state::Tenant;

/// What runs when a request matches.
pub(crate) type Handler = fn(&mut Tenant, &Call) -> Result<Reply, GraphError>;

/// The methods of the service.
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

    /// Whether the operation only reads. `getByIds` and its kind are POSTs that read: see [`Route::reading`].
    pub(crate) const fn reads(self) -> bool {
        matches!(self, Self::Get)
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
    /// Whether the operation changes nothing, whatever its method.
    pub(crate) reads: bool,
    pub(crate) handler: Handler,
}

/// Sets of application permissions, any of which suffices.
pub(crate) type Permissions = &'static [&'static [&'static str]];

/// Every application with a valid token.
pub(crate) const ANYONE: Permissions = &[&[]];

/// Signed-in users only.
pub(crate) const NO_APPLICATION: Permissions = &[];

/// The request type of a `$ref` operation: an object with nothing but `@odata.id`.
pub(crate) const REFERENCE: &str = "$ref";

/// The forms of 403.
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
    /// Identity and access, with the resource units of a plain read. A write costs one unit and one write.
    Directory {
        /// Units of a GET without options.
        units: u32,
    },
    /// PIM schedules and requests.
    Pim,
    /// Role management policies.
    Policy,
    /// Conditional Access: one request a second for the whole tenant, no `Retry-After`.
    ConditionalAccess,
    /// Audit log: five requests in ten seconds.
    Audit,
}

/// What the answer holds. `context` is what follows `$metadata#`; `{param}` stands for a parameter of the pattern.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Shape {
    Entity {
        kind: &'static str,
        context: &'static str,
    },
    Collection {
        kind: &'static str,
        context: &'static str,
    },
    /// No body, or a body of no published type.
    Untyped,
}

impl Shape {
    /// What follows `$metadata#`.
    pub(crate) const fn context(self) -> &'static str {
        match self {
            Self::Entity { context, .. } | Self::Collection { context, .. } => context,
            Self::Untyped => "",
        }
    }
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
            denial: Denial::Directory,
            bucket: Bucket::Directory { units: 1 },
            request_type: None,
            response: Shape::Untyped,
            mixed: false,
            reads: verb.reads(),
            handler,
        }
    }

    /// A GET of the directory, open to all until [`Route::permit`] says otherwise.
    pub(crate) const fn get(
        pattern: &'static str,
        operation: &'static str,
        handler: Handler,
    ) -> Self {
        Self::new(Verb::Get, pattern, operation, handler)
    }

    /// A POST.
    pub(crate) const fn post(
        pattern: &'static str,
        operation: &'static str,
        handler: Handler,
    ) -> Self {
        Self::new(Verb::Post, pattern, operation, handler)
    }

    /// A PATCH.
    pub(crate) const fn patch(
        pattern: &'static str,
        operation: &'static str,
        handler: Handler,
    ) -> Self {
        Self::new(Verb::Patch, pattern, operation, handler)
    }

    /// A DELETE.
    pub(crate) const fn delete(
        pattern: &'static str,
        operation: &'static str,
        handler: Handler,
    ) -> Self {
        Self::new(Verb::Delete, pattern, operation, handler)
    }

    /// The application permissions, and how their lack is refused.
    pub(crate) const fn permit(mut self, permissions: Permissions, denial: Denial) -> Self {
        self.permissions = permissions;
        self.denial = denial;
        self
    }

    /// The signed-in users.
    pub(crate) const fn delegate(mut self, delegated: Delegated) -> Self {
        self.delegated = delegated;
        self
    }

    /// The budget.
    pub(crate) const fn draws(mut self, bucket: Bucket) -> Self {
        self.bucket = bucket;
        self
    }

    /// The type of the body.
    pub(crate) const fn takes(mut self, kind: &'static str) -> Self {
        self.request_type = Some(kind);
        self
    }

    /// The answer mixes types.
    pub(crate) const fn mixed(mut self) -> Self {
        self.mixed = true;
        self
    }

    /// Answers one object of this type.
    pub(crate) const fn entity(mut self, kind: &'static str, context: &'static str) -> Self {
        self.response = Shape::Entity { kind, context };
        self
    }

    /// Answers a collection of this type.
    pub(crate) const fn collection(mut self, kind: &'static str, context: &'static str) -> Self {
        self.response = Shape::Collection { kind, context };
        self
    }

    /// A POST that changes nothing.
    pub(crate) const fn reading(mut self) -> Self {
        self.reads = true;
        self
    }
}
