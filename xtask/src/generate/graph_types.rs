//! Extracts names and types from Microsoft's published metadata (CSDL) into the simulator's table.
//!
//! The metadata itself is not committed: `schemas/v1.0-Prod.csdl` of microsoftgraph/msgraph-metadata is
//! downloaded by whoever refreshes the table. Only facts are taken: which type has which property of which
//! type, which enumeration has which member.

use std::collections::BTreeSet;
use std::fs;
use std::path::PathBuf;

use anyhow::{Context as _, ensure};
use clap::{Args, ValueEnum};
use roxmltree::{Document, Node};

use crate::workspace::Workspace;

/// The table of the simulator.
const TABLE: &str = "crates/entra-sim/src/schema/graph-v1.0.tsv";

/// Where to read from and what to take.
#[derive(Debug, Args)]
pub struct Arguments {
    /// The metadata file
    #[arg(long)]
    csdl: PathBuf,
    /// The day the metadata was published, as its repository says, for the head of the table
    #[arg(long)]
    published: String,
    /// Which types to take
    #[arg(long, value_enum, default_value_t = Types::Known)]
    types: Types,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Types {
    /// Those that the table already holds
    Known,
    /// Every type of the file
    All,
}

/// Writes the table anew; returns its path.
pub fn write(workspace: &Workspace, arguments: &Arguments) -> anyhow::Result<PathBuf> {
    let path = arguments.csdl.display();
    let csdl =
        fs::read_to_string(&arguments.csdl).with_context(|| format!("cannot read {path}"))?;
    let known = match arguments.types {
        Types::All => None,
        Types::Known => Some(known(&workspace.read(TABLE)?)),
    };
    let rows = rows(&csdl, known.as_ref()).with_context(|| format!("in {path}"))?;
    let head = format!(
        "# Names and types of the Microsoft Graph v1.0 schema, as far as this project meets them.\n\
         # Source: github.com/microsoftgraph/msgraph-metadata schemas/v1.0-Prod.csdl of {}, MIT licence.\n\
         # Written by cargo xtask gen graph-types; do not edit, add to additions.tsv instead.\n\
         # row\ttype\tname or base type\tvalue type\tmarks\n",
        arguments.published
    );
    workspace.write(TABLE, &(head + &rows))?;
    Ok(PathBuf::from(TABLE))
}

/// Names of the types in a table.
fn known(table: &str) -> BTreeSet<String> {
    table
        .lines()
        .filter_map(|line| {
            let mut columns = line.split('\t');
            match columns.next()? {
                "entity" | "complex" | "enum" => Some(columns.next()?.to_owned()),
                _ => None,
            }
        })
        .collect()
}

/// The rows of the table, in the order of the metadata.
fn rows(csdl: &str, known: Option<&BTreeSet<String>>) -> anyhow::Result<String> {
    let document = Document::parse(csdl).context("not well-formed XML")?;
    let schema = document
        .descendants()
        .find(|node| {
            node.has_tag_name_local("Schema")
                && node.attribute("Namespace") == Some("microsoft.graph")
        })
        .context("no schema with the namespace microsoft.graph")?;
    let mut text = String::new();
    for declared in schema.children().filter(Node::is_element) {
        let name = declared.attribute("Name").unwrap_or_default();
        if known.is_none_or(|known| known.contains(name)) {
            match declared.tag_name().name() {
                "EntityType" => structured(&mut text, "entity", declared),
                "ComplexType" => structured(&mut text, "complex", declared),
                "EnumType" => enumeration(&mut text, declared),
                _ => {}
            }
        }
    }
    ensure!(!text.is_empty(), "none of the wanted types is there");
    Ok(text)
}

/// Tag names without regard to the version of the XML namespace.
trait LocalName {
    fn has_tag_name_local(&self, name: &str) -> bool;
}

impl LocalName for Node<'_, '_> {
    fn has_tag_name_local(&self, name: &str) -> bool {
        self.is_element() && self.tag_name().name() == name
    }
}

fn structured(text: &mut String, kind: &str, declared: Node<'_, '_>) {
    let name = declared.attribute("Name").unwrap_or_default();
    let base = declared
        .attribute("BaseType")
        .map_or_else(|| "-".to_owned(), short);
    let type_marks = marks(&[
        (is_true(declared, "Abstract"), "abstract"),
        (is_true(declared, "OpenType"), "open"),
    ]);
    row(text, &[kind, name, &base, "-", &type_marks]);
    for member in declared.children().filter(Node::is_element) {
        let kind = match member.tag_name().name() {
            "Property" => "property",
            "NavigationProperty" => "navigation",
            _ => continue,
        };
        let member_marks = marks(&[
            (member.attribute("Nullable") == Some("false"), "not-null"),
            (is_true(member, "ContainsTarget"), "contained"),
        ]);
        let value = short(member.attribute("Type").unwrap_or_default());
        let member_name = member.attribute("Name").unwrap_or_default();
        row(text, &[kind, name, member_name, &value, &member_marks]);
    }
}

fn enumeration(text: &mut String, declared: Node<'_, '_>) {
    let name = declared.attribute("Name").unwrap_or_default();
    let type_marks = marks(&[(is_true(declared, "IsFlags"), "flags")]);
    row(text, &["enum", name, "-", "-", &type_marks]);
    let members = declared
        .children()
        .filter(|node| node.has_tag_name_local("Member"));
    for member in members {
        let member_name = member.attribute("Name").unwrap_or_default();
        row(text, &["member", name, member_name, "-", "-"]);
    }
}

fn row(text: &mut String, columns: &[&str]) {
    text.push_str(&columns.join("\t"));
    text.push('\n');
}

fn marks(marks: &[(bool, &str)]) -> String {
    let set: Vec<&str> = marks
        .iter()
        .filter(|(is_set, _)| *is_set)
        .map(|(_, mark)| *mark)
        .collect();
    if set.is_empty() {
        "-".to_owned()
    } else {
        set.join(",")
    }
}

fn is_true(node: Node<'_, '_>, attribute: &str) -> bool {
    node.attribute(attribute) == Some("true")
}

/// `graph.group` and `microsoft.graph.group` are `group`, also inside `Collection(...)`.
fn short(type_name: &str) -> String {
    type_name
        .replace("microsoft.graph.", "")
        .replace("graph.", "")
}

#[cfg(test)]
mod tests {
    use super::*;

    const CSDL: &str = r#"<?xml version="1.0" encoding="utf-8"?>
<edmx:Edmx Version="4.0" xmlns:edmx="http://docs.oasis-open.org/odata/ns/edmx">
<edmx:DataServices>
<Schema Namespace="microsoft.graph.other" xmlns="http://docs.oasis-open.org/odata/ns/edm"><EntityType Name="x"/></Schema>
<Schema Namespace="microsoft.graph" Alias="graph" xmlns="http://docs.oasis-open.org/odata/ns/edm">
<EnumType Name="level" IsFlags="true"><Member Name="low" Value="1"/><Member Name="high" Value="2"/></EnumType>
<ComplexType Name="thing" Abstract="true"/>
<EntityType Name="group" BaseType="microsoft.graph.entity" OpenType="true">
  <Key><PropertyRef Name="id"/></Key>
  <Property Name="levels" Type="Collection(graph.level)" Nullable="false"/>
  <Property Name="mail" Type="Edm.String"><Annotation Term="x"/></Property>
  <NavigationProperty Name="rules" Type="Collection(graph.rule)" ContainsTarget="true"/>
</EntityType>
<EntitySet Name="groups"/>
</Schema></edmx:DataServices></edmx:Edmx>"#;

    #[test]
    fn metadata_becomes_one_row_per_fact() {
        let expected = [
            "enum\tlevel\t-\t-\tflags",
            "member\tlevel\tlow\t-\t-",
            "member\tlevel\thigh\t-\t-",
            "complex\tthing\t-\t-\tabstract",
            "entity\tgroup\tentity\t-\topen",
            "property\tgroup\tlevels\tCollection(level)\tnot-null",
            "property\tgroup\tmail\tEdm.String\t-",
            "navigation\tgroup\trules\tCollection(rule)\tcontained",
        ];
        let text = rows(CSDL, None).unwrap();
        assert_eq!(text.lines().collect::<Vec<_>>(), expected);
    }

    #[test]
    fn only_known_types_are_taken_when_asked() {
        let known = known("# head\nenum\tlevel\t-\t-\t-\nmember\tlevel\tlow\t-\t-\n");
        let text = rows(CSDL, Some(&known)).unwrap();
        assert_eq!(text.lines().count(), 3);
        assert!(rows(CSDL, Some(&BTreeSet::new())).is_err());
    }

    #[test]
    fn another_kind_of_file_is_refused() {
        assert!(rows("<html/>", None).is_err());
        assert!(rows("not xml", None).is_err());
    }
}
