//! `entra-sim behaviours`.

use clap::Args;
use entra_sim::Profile;
use entra_sim::behaviours::all;
use serde_json::{Value, json};

use super::output::Output;

/// List every behaviour that can be switched, with its source.
#[derive(Debug, Args)]
pub(crate) struct List {
    /// How to print.
    #[arg(short, long, value_enum, default_value_t)]
    output: Output,
}

impl List {
    pub(crate) fn run(self) -> anyhow::Result<()> {
        match self.output {
            Output::Text => {
                for switch in all() {
                    println!("{}", switch.name());
                    println!("    {}", switch.doc());
                    println!("    takes {}", switch.kind());
                    println!(
                        "    service: {}, ideal: {}",
                        switch.default_text(Profile::Service),
                        switch.default_text(Profile::Ideal)
                    );
                    println!("    source: {}\n", switch.source());
                }
            }
            Output::Json => {
                let rows: Vec<Value> = all()
                    .map(|switch| {
                        json!({
                            "name": switch.name(), "doc": switch.doc(), "source": switch.source(),
                            "takes": switch.kind().to_string(),
                            "service": switch.default_text(Profile::Service),
                            "ideal": switch.default_text(Profile::Ideal),
                        })
                    })
                    .collect();
                println!("{}", serde_json::to_string_pretty(&rows)?);
            }
        }
        Ok(())
    }
}
