//! The two committed tables as one look-up structure.
//!
//! A row says one thing: a type, one of its properties or navigations, an enumeration or one of its
//! members. Nothing here judges a body.

use std::collections::BTreeMap;
use std::sync::LazyLock;

use super::types::{
    Enumeration, Member, Multiplicity, Nullability, Primitive, Role, Structured, ValueType,
};

const PUBLISHED: &str = include_str!("graph-v1.0.tsv");
/// Types that the service documents beyond that metadata.
const ADDITIONS: &str = include_str!("additions.tsv");

/// The tables, parsed once. A row that cannot be read leaves the table empty, so that every check
/// fails; a test reads both files and names the row.
pub(super) fn table() -> &'static Table {
    static TABLE: LazyLock<Table> =
        LazyLock::new(|| Table::parse(&[PUBLISHED, ADDITIONS]).unwrap_or_default());
    &TABLE
}

/// Why a table could not be read.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
pub(super) enum Error {
    /// A row of an unknown kind, or with too few columns.
    #[error("row `{0}` is not one of entity, complex, property, navigation, enum, member")]
    Row(String),
    /// A primitive type that this module has no form for.
    #[error("row `{0}` names a primitive type without a form")]
    Primitive(String),
    /// A property, navigation or member before its type.
    #[error("row `{0}` belongs to a type that no earlier row declares")]
    Orphan(String),
}

#[derive(Debug, Default)]
pub(super) struct Table {
    types: BTreeMap<&'static str, Structured>,
    enumerations: BTreeMap<&'static str, Enumeration>,
}

impl Table {
    /// Reads files one after the other; a later file may add to a type of an earlier one.
    pub(super) fn parse(files: &[&'static str]) -> Result<Self, Error> {
        let mut table = Self::default();
        for line in files.iter().flat_map(|file| file.lines()) {
            if !line.is_empty() && !line.starts_with('#') {
                table.row(line)?;
            }
        }
        Ok(table)
    }

    fn row(&mut self, line: &'static str) -> Result<(), Error> {
        let columns: Vec<&'static str> = line.split('\t').collect();
        let &[kind, type_name, name, value, marks, ..] = columns.as_slice() else {
            return Err(Error::Row(line.to_owned()));
        };
        let marked = |mark: &str| marks.split(',').any(|one| one == mark);
        match kind {
            "entity" | "complex" => {
                let structured = self.types.entry(type_name).or_default();
                structured.base = (name != "-").then_some(name);
                structured.is_abstract = marked("abstract");
                structured.is_open = marked("open");
            }
            "enum" => self.enumerations.entry(type_name).or_default().is_flags = marked("flags"),
            "member" => self
                .enumerations
                .get_mut(type_name)
                .ok_or_else(|| Error::Orphan(line.to_owned()))?
                .members
                .push(name),
            "property" | "navigation" => {
                let role = match kind {
                    "property" => Role::Property,
                    _ if marked("contained") => Role::Contained,
                    _ => Role::Related,
                };
                let nullability = if marked("not-null") {
                    Nullability::NotNull
                } else {
                    Nullability::Nullable
                };
                let (value, multiplicity) =
                    value_type(value).ok_or_else(|| Error::Primitive(line.to_owned()))?;
                let member = Member {
                    role,
                    value,
                    multiplicity,
                    nullability,
                };
                self.types
                    .get_mut(type_name)
                    .ok_or_else(|| Error::Orphan(line.to_owned()))?
                    .members
                    .insert(name, member);
            }
            _ => return Err(Error::Row(line.to_owned())),
        }
        Ok(())
    }

    /// A structured type by its name without namespace.
    pub(super) fn structured(&self, name: &str) -> Option<&Structured> {
        self.types.get(name)
    }

    pub(super) fn enumeration(&self, name: &str) -> Option<&Enumeration> {
        self.enumerations.get(name)
    }

    /// The type itself and what it inherits from, nearest first.
    fn lineage<'a>(&'a self, name: &str) -> impl Iterator<Item = (&'static str, &'a Structured)> {
        let first = self.types.get_key_value(name);
        std::iter::successors(first, |(_, structured)| {
            self.types.get_key_value(structured.base?)
        })
        .map(|(name, structured)| (*name, structured))
    }

    /// A property or navigation, own or inherited.
    pub(super) fn member(&self, type_name: &str, name: &str) -> Option<&Member> {
        self.lineage(type_name)
            .find_map(|(_, structured)| structured.members.get(name))
    }

    /// The exact spelling of a member that differs from `name` only in case.
    pub(super) fn spelled(&self, type_name: &str, name: &str) -> Option<&'static str> {
        self.member_names(type_name)
            .find(|known| known.eq_ignore_ascii_case(name))
    }

    /// Names of all properties and navigations, own and inherited.
    pub(super) fn member_names(&self, type_name: &str) -> impl Iterator<Item = &'static str> {
        self.lineage(type_name)
            .flat_map(|(_, structured)| structured.members.keys().copied())
    }

    /// Whether the type or one it inherits from carries directory extensions.
    pub(super) fn is_open(&self, type_name: &str) -> bool {
        self.lineage(type_name)
            .any(|(_, structured)| structured.is_open)
    }

    /// Whether `type_name` is `declared` or inherits from it.
    pub(super) fn derives_from(&self, type_name: &str, declared: &str) -> bool {
        self.lineage(type_name).any(|(name, _)| name == declared)
    }

    /// The concrete types that may stand where `declared` is expected.
    pub(super) fn concrete(&self, declared: &str) -> impl Iterator<Item = &'static str> {
        self.types
            .iter()
            .filter(move |(name, structured)| {
                !structured.is_abstract && self.derives_from(name, declared)
            })
            .map(|(name, _)| *name)
    }

    /// Every base type and every type of a property that neither table declares.
    #[cfg(test)]
    pub(super) fn dangling(&self) -> Vec<String> {
        let declared =
            |name: &str| self.types.contains_key(name) || self.enumerations.contains_key(name);
        let mut missing = Vec::new();
        for (type_name, structured) in &self.types {
            if let Some(base) = structured.base.filter(|base| !declared(base)) {
                missing.push(format!("{type_name} inherits from {base}"));
            }
            for (name, member) in &structured.members {
                if let (Role::Property, ValueType::Named(value)) = (member.role, member.value)
                    && !declared(value)
                {
                    missing.push(format!("{type_name}.{name} is a {value}"));
                }
            }
        }
        missing
    }
}

/// Reads `Edm.String`, `Collection(Edm.Guid)`, `ticketInfo`, `Collection(appRole)`.
fn value_type(text: &'static str) -> Option<(ValueType, Multiplicity)> {
    let (inner, multiplicity) = match text
        .strip_prefix("Collection(")
        .and_then(|rest| rest.strip_suffix(')'))
    {
        Some(inner) => (inner, Multiplicity::Many),
        None => (text, Multiplicity::One),
    };
    let value = match inner.strip_prefix("Edm.") {
        Some(name) => ValueType::Primitive(Primitive::parse(name)?),
        None => ValueType::Named(inner),
    };
    Some((value, multiplicity))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn both_committed_tables_can_be_read() {
        let table = Table::parse(&[PUBLISHED, ADDITIONS]).unwrap();
        assert_eq!(table.dangling(), Vec::<String>::new());
        assert!(table.types.len() > 150, "{} types", table.types.len());
    }

    #[test]
    fn every_addition_names_its_source() {
        for line in ADDITIONS.lines().filter(|line| !line.starts_with('#')) {
            let source = line.split('\t').nth(5).unwrap_or_default();
            assert!(source.contains('.'), "no source: {line}");
        }
    }

    #[test]
    fn no_type_declares_the_same_member_twice() {
        let mut seen = std::collections::BTreeSet::new();
        for line in PUBLISHED.lines().chain(ADDITIONS.lines()) {
            if line.starts_with('#') {
                continue;
            }
            let key: Vec<&str> = line.split('\t').take(3).collect();
            assert!(seen.insert(key), "twice: {line}");
        }
    }

    #[test]
    fn unreadable_rows_are_named() {
        let read = |text| Table::parse(&[text]).unwrap_err();
        assert_eq!(
            read("property\tgroup\tid"),
            Error::Row("property\tgroup\tid".into())
        );
        let orphan = "property\tgroup\tid\tEdm.String\t-";
        assert_eq!(read(orphan), Error::Orphan(orphan.into()));
        let primitive = read("entity\tgroup\t-\t-\t-\nproperty\tgroup\tid\tEdm.Decimal\t-");
        assert!(matches!(primitive, Error::Primitive(_)));
    }

    #[test]
    fn members_are_inherited() {
        let table = table();
        assert!(table.member("group", "id").is_some());
        assert!(table.derives_from("group", "directoryObject"));
        assert!(!table.derives_from("directoryObject", "group"));
        assert_eq!(
            table.spelled(
                "privilegedAccessGroupEligibilityScheduleRequest",
                "accessID"
            ),
            Some("accessId")
        );
    }
}
