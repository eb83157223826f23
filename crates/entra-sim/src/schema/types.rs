//! What the tables say about types: structured ones with their members, enumerations, primitive ones.
//!
//! Data only; the look-ups are the table's, and what a body is judged by is the walk's.

use std::collections::BTreeMap;

/// `OData`'s primitive types, as far as the tables use them.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Primitive {
    Binary,
    Boolean,
    Date,
    DateTimeOffset,
    Duration,
    Guid,
    Int32,
    Stream,
    String,
    TimeOfDay,
}

impl Primitive {
    pub(super) fn parse(name: &str) -> Option<Self> {
        Some(match name {
            "Binary" => Self::Binary,
            "Boolean" => Self::Boolean,
            "Date" => Self::Date,
            "DateTimeOffset" => Self::DateTimeOffset,
            "Duration" => Self::Duration,
            "Guid" => Self::Guid,
            "Int32" => Self::Int32,
            "Stream" => Self::Stream,
            "String" => Self::String,
            "TimeOfDay" => Self::TimeOfDay,
            _ => return None,
        })
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum ValueType {
    Primitive(Primitive),
    /// An enumeration or a structured type.
    Named(&'static str),
}

/// One value or a collection of them.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Multiplicity {
    One,
    Many,
}

/// Whether `null` may stand for a value.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Nullability {
    Nullable,
    NotNull,
}

/// What a member of a structured type is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Role {
    Property,
    /// A related object that lives elsewhere and is bound by reference.
    Related,
    /// A related object that lives inside this one and may be written out in a request.
    Contained,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Member {
    pub(super) role: Role,
    pub(super) value: ValueType,
    pub(super) multiplicity: Multiplicity,
    pub(super) nullability: Nullability,
}

#[derive(Debug, Default)]
pub(super) struct Structured {
    pub(super) base: Option<&'static str>,
    /// No object is of this very type.
    pub(super) is_abstract: bool,
    /// Carries directory extensions beside its own properties.
    pub(super) is_open: bool,
    pub(super) members: BTreeMap<&'static str, Member>,
}

#[derive(Debug, Default)]
pub(super) struct Enumeration {
    /// A value may be several members, separated by commas.
    pub(super) is_flags: bool,
    pub(super) members: Vec<&'static str>,
}

/// What belongs in the place of a value of this type.
pub(super) fn describe(value_type: ValueType) -> &'static str {
    match value_type {
        ValueType::Named(name) => name,
        ValueType::Primitive(primitive) => match primitive {
            Primitive::Binary => "base64 text",
            Primitive::Boolean => "true or false",
            Primitive::Date => "a date such as 2027-01-31",
            Primitive::DateTimeOffset => "a time with an offset such as 2027-01-31T08:00:00Z",
            Primitive::Duration => "an ISO 8601 duration such as PT8H",
            Primitive::Guid => "a GUID",
            Primitive::Int32 => "a whole number of 32 bits",
            Primitive::Stream => "nothing, because a stream is not part of a body",
            Primitive::String => "a string",
            Primitive::TimeOfDay => "a time of day such as 08:00:00",
        },
    }
}
