//! One operation of the API: its name, and the request that is made of it. What the names mean is in `name`.

mod name;

use http::{HeaderName, HeaderValue, Method};
use serde::Serialize;

use crate::error::{Class, Error};
use crate::precedence::Precedence;
use crate::query::Query;
use crate::service::{GRAPH, Lane, ServiceDescription};

pub use name::OperationEffect;
pub use name::OperationName;

/// Where an operation goes: to which service, and where there.
#[derive(Clone)]
pub(crate) struct Address {
    pub(crate) service: &'static ServiceDescription,
    pub(crate) place: Place,
}

/// Where something is at a service.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Place {
    /// Path and query below the base address, with a leading slash. May travel in a batch.
    Relative(String),
    /// A whole URL that the service gave us, used as it is. Travels alone.
    Absolute(String),
}

impl Place {
    /// As it was given, for example as the `url` of an item of a batch.
    pub(crate) fn text(&self) -> &str {
        match self {
            Self::Relative(text) | Self::Absolute(text) => text,
        }
    }
}

/// A bare path is one of Microsoft Graph, where all requests of `graph` go. A client of another service names it in the
/// address.
impl<T: Into<String>> From<T> for Address {
    fn from(path: T) -> Self {
        Self {
            service: &GRAPH,
            place: Place::Relative(path.into()),
        }
    }
}

/// One operation, ready to be submitted.
#[derive(Clone)]
pub(crate) struct Operation {
    pub(crate) name: OperationName,
    pub(crate) method: Method,
    pub(crate) path: String,
    pub(crate) address: Address,
    pub(crate) headers: Vec<(HeaderName, HeaderValue)>,
    pub(crate) body: Option<Box<serde_json::value::RawValue>>,
    pub(crate) fence: Option<Fence>,
    pub(crate) precedence: Precedence,
}

/// Asked right before a write leaves: whether what asked for it still does. A write may wait for a permit, a token or its
/// company; what was wanted when it was submitted need not be wanted when it is sent.
#[derive(Clone)]
pub struct Fence(std::sync::Arc<dyn Fn() -> bool + Send + Sync>);

impl Fence {
    /// Lets a write leave only while this holds.
    pub fn new(holds: impl Fn() -> bool + Send + Sync + 'static) -> Self {
        Self(std::sync::Arc::new(holds))
    }

    pub(crate) fn holds(&self) -> bool {
        (self.0)()
    }

    /// Whether this is the same fence, and not only an equal one.
    pub(crate) fn is(&self, other: &Self) -> bool {
        std::sync::Arc::ptr_eq(&self.0, &other.0)
    }
}

impl Operation {
    /// An operation without a body. The path of its address starts with a slash; its variable segments are typed ids or
    /// have gone through [`crate::query::segment`].
    pub(crate) fn new(name: OperationName, method: Method, address: impl Into<Address>) -> Self {
        let address = address.into();
        let precedence = if method == Method::DELETE {
            Precedence::Reducing
        } else {
            Precedence::Usual
        };
        Self {
            precedence,
            name,
            method,
            path: address.place.text().to_owned(),
            address,
            headers: Vec::new(),
            body: None,
            fence: None,
        }
    }

    pub(crate) fn get(name: OperationName, address: impl Into<Address>) -> Self {
        Self::new(name, Method::GET, address)
    }

    #[must_use]
    pub(crate) fn query(mut self, query: &Query) -> Self {
        self.address.place = Place::Relative(query.attach_to(&self.path));
        self
    }

    /// Adds a header that belongs to this operation, also inside a batch.
    #[must_use]
    pub(crate) fn header(mut self, name: HeaderName, value: HeaderValue) -> Self {
        self.headers.push((name, value));
        self
    }

    pub(crate) fn json(mut self, body: &impl Serialize) -> Result<Self, Error> {
        let text = serde_json::value::to_raw_value(body).map_err(|reason| {
            self.failure(Class::Bug)
                .saying(format!("the request cannot be written: {reason}"))
        })?;
        self.body = Some(text);
        Ok(self)
    }

    /// A write that only takes away, although it is no `DELETE`.
    #[must_use]
    pub(crate) fn reducing(mut self) -> Self {
        self.precedence = Precedence::Reducing;
        self
    }

    /// The next page of the same read, at an address that the service gave.
    pub(crate) fn follow(&self, place: Place) -> Self {
        let mut next = self.clone();
        next.address.place = place;
        next
    }

    /// A failure of this operation, without effect unless said otherwise.
    pub(crate) fn failure(&self, class: Class) -> Error {
        Error::of_operation(self.name, &self.path, class)
    }

    /// A failure that kept this operation from being sent, told of it.
    pub(crate) fn not_sent(&self, because: Error) -> Error {
        because.on_behalf_of(self.name, &self.path)
    }

    pub(crate) fn name(&self) -> OperationName {
        self.name
    }

    /// The service that its address belongs to.
    pub(crate) fn service(&self) -> &'static ServiceDescription {
        self.address.service
    }

    /// Whose budget it draws on.
    pub(crate) fn lane(&self) -> Lane {
        self.name.lane()
    }

    pub(crate) fn effect(&self) -> OperationEffect {
        self.name.effect()
    }

    /// Whether it is a write that nobody wants any more.
    pub(crate) fn is_withdrawn(&self) -> bool {
        self.effect() == OperationEffect::Write
            && self.fence.as_ref().is_some_and(|fence| !fence.holds())
    }

    /// Whether it may travel with others.
    pub(crate) fn may_share(&self) -> bool {
        matches!(self.address.place, Place::Relative(_))
    }
}

impl std::fmt::Debug for Operation {
    /// Without the body and the query: they can name people.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Operation")
            .field("name", &self.name)
            .field("method", &self.method)
            .field("path", &self.path)
            .finish_non_exhaustive()
    }
}
