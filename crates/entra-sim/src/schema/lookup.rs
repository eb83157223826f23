//! What the tables say of a property by its path, for filters and selections.

use super::table::{Table, table};
use super::types::{Member, Primitive, Role, ValueType};

/// The form of a value, as far as literals of a filter tell forms apart.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Form {
    /// `Edm.String`.
    Text,
    /// `Edm.Boolean`.
    Flag,
    /// `Edm.Int32`.
    Number,
    /// `Edm.Guid`.
    Guid,
    /// `Edm.DateTimeOffset`.
    Instant,
    /// A member of an enumeration, which a filter writes as a text.
    Word,
    /// A structure, or a type that no literal of a filter has.
    Other,
}

impl Form {
    /// The name of the type, as messages of the service have it.
    pub fn name(self) -> &'static str {
        match self {
            Self::Text => "Edm.String",
            Self::Flag => "Edm.Boolean",
            Self::Number => "Edm.Int32",
            Self::Guid => "Edm.Guid",
            Self::Instant => "Edm.DateTimeOffset",
            Self::Word => "Edm.Enum",
            Self::Other => "Edm.Untyped",
        }
    }

    fn of(table: &Table, value: ValueType) -> Self {
        match value {
            ValueType::Primitive(Primitive::String) => Self::Text,
            ValueType::Primitive(Primitive::Boolean) => Self::Flag,
            ValueType::Primitive(Primitive::Int32) => Self::Number,
            ValueType::Primitive(Primitive::Guid) => Self::Guid,
            ValueType::Primitive(Primitive::DateTimeOffset) => Self::Instant,
            ValueType::Named(name) if table.enumeration(name).is_some() => Self::Word,
            ValueType::Primitive(_) | ValueType::Named(_) => Self::Other,
        }
    }
}

/// The form of the property at a path below a type; elements of a collection count as single values. `Err` holds the
/// name that no type publishes, and the type it was looked for in.
pub fn form(type_name: &str, path: &[impl AsRef<str>]) -> Result<Form, (String, String)> {
    let table = table();
    let (mut within, mut form) = (type_name, Form::Other);
    for name in path.iter().map(AsRef::as_ref) {
        let member =
            member(table, within, name).ok_or_else(|| (name.to_owned(), within.to_owned()))?;
        form = Form::of(table, member.value);
        if let ValueType::Named(next) = member.value {
            within = next;
        }
    }
    Ok(form)
}

/// A property or navigation in any spelling, of the type itself or of one that may stand in its place.
fn member<'t>(table: &'t Table, type_name: &str, name: &str) -> Option<&'t Member> {
    let own = |owner: &str| table.member(owner, table.spelled(owner, name)?);
    own(type_name).or_else(|| table.concrete(type_name).find_map(own))
}

/// What a type publishes under a name, in any spelling.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Published {
    /// A property, which a selection returns.
    Property,
    /// A related object, which only an expansion returns.
    Navigation,
    /// The type publishes nothing under that name.
    Nothing,
}

/// Looks a name up in a type and in those that may stand in its place.
pub fn published(type_name: &str, name: &str) -> Published {
    match member(table(), type_name, name).map(|member| member.role) {
        Some(Role::Property) => Published::Property,
        Some(Role::Related | Role::Contained) => Published::Navigation,
        None => Published::Nothing,
    }
}

/// The structured type behind a property or navigation.
pub fn target(type_name: &str, name: &str) -> Option<&'static str> {
    match member(table(), type_name, name)?.value {
        ValueType::Named(target) => Some(target),
        ValueType::Primitive(_) => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_path_leads_through_structures_and_collections_to_a_form() {
        for (kind, path, expected) in [
            ("group", &["displayName"][..], Form::Text),
            ("group", &["securityenabled"], Form::Flag),
            ("group", &["createdDateTime"], Form::Instant),
            ("group", &["groupTypes"], Form::Text),
            ("directoryAudit", &["initiatedBy", "user", "id"], Form::Text),
            ("directoryAudit", &["targetResources", "id"], Form::Text),
            ("appRoleAssignment", &["resourceId"], Form::Guid),
            ("directoryObject", &["userPrincipalName"], Form::Text),
            (
                "privilegedAccessGroupAssignmentSchedule",
                &["accessId"],
                Form::Word,
            ),
        ] {
            assert_eq!(form(kind, path), Ok(expected), "{kind} {path:?}");
        }
        assert_eq!(
            form("group", &["colour"]),
            Err(("colour".to_owned(), "group".to_owned()))
        );
    }

    #[test]
    fn properties_and_navigations_are_told_apart() {
        assert_eq!(published("group", "DisplayName"), Published::Property);
        assert_eq!(published("group", "members"), Published::Navigation);
        assert_eq!(published("group", "colour"), Published::Nothing);
        assert_eq!(published("directoryObject", "appId"), Published::Property);
        assert_eq!(target("group", "members"), Some("directoryObject"));
        assert_eq!(target("group", "displayName"), None);
    }
}
