//! `entra-sim serve`.

use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::path::PathBuf;

use anyhow::Context as _;
use clap::Args;
use entra_sim::{Config, Profile, Seed, ServeOptions, Server, Simulator};
use serde_json::json;
use tracing_subscriber::EnvFilter;

use super::output::Output;

#[derive(Debug, Args)]
pub(crate) struct Serve {
    /// Defaults of the behaviours.
    #[arg(long, value_enum, default_value_t)]
    profile: Profile,
    /// What the tenant holds at the start, as YAML; the built-in seed, when left out.
    #[arg(long, value_name = "FILE")]
    seed: Option<PathBuf>,
    /// Address of token endpoint and Graph; port 0 takes a free one.
    #[arg(long, value_name = "ADDRESS", default_value = "127.0.0.1:8443")]
    listen: SocketAddr,
    /// Address of the admin API, plain HTTP; port 0 takes a free one.
    #[arg(long, value_name = "ADDRESS", default_value = "127.0.0.1:8444")]
    admin: SocketAddr,
    /// A further name or address for the certificate; may be repeated.
    #[arg(long = "name", value_name = "HOST")]
    names: Vec<String>,
    /// Write the certificate of the authority to this file.
    #[arg(long, value_name = "FILE")]
    ca_out: Option<PathBuf>,
    /// Set a behaviour over the profile; may be repeated.
    #[arg(long = "set", value_name = "BEHAVIOUR=VALUE", value_parser = assignment)]
    set: Vec<(String, String)>,
    /// Decides every id and every jitter.
    #[arg(long, value_name = "NUMBER", default_value_t = 0)]
    random_seed: u64,
    /// How to print the addresses.
    #[arg(short, long, value_enum, default_value_t)]
    output: Output,
}

fn assignment(text: &str) -> Result<(String, String), String> {
    match text.split_once('=') {
        Some((name, value)) => Ok((name.trim().to_owned(), value.trim().to_owned())),
        None => Err("write it as behaviour=value".to_owned()),
    }
}

impl Serve {
    pub(crate) async fn run(self) -> anyhow::Result<()> {
        let filter = EnvFilter::try_from_default_env().unwrap_or_else(|_| EnvFilter::new("warn"));
        tracing_subscriber::fmt()
            .with_env_filter(filter)
            .with_writer(std::io::stderr)
            .init();
        let seed = match &self.seed {
            Some(path) => super::seed::read(path)?,
            None => Seed::default(),
        };
        let simulator = Simulator::new(Config {
            profile: self.profile,
            overrides: self.set.iter().cloned().collect::<BTreeMap<_, _>>(),
            seed: seed.clone(),
            random_seed: self.random_seed,
            ..Config::default()
        })?;
        let options = ServeOptions {
            listen: self.listen,
            admin: self.admin,
            names: self.names.clone(),
        };
        let server = simulator.serve(options).await?;
        if let Some(path) = &self.ca_out {
            std::fs::write(path, &server.ca_pem)
                .with_context(|| format!("can not write {}", path.display()))?;
        }
        self.announce(&server, &seed);
        tokio::signal::ctrl_c()
            .await
            .context("can not wait for an interrupt")?;
        Ok(())
    }

    fn announce(&self, server: &Server, seed: &Seed) {
        if self.output == Output::Json {
            let addresses = json!({
                "tenantId": seed.tenant.id, "authority": server.authority_url, "graph": server.graph_url,
                "resourceManager": server.resource_manager_url, "admin": server.admin_url, "ca": server.ca_pem,
            });
            println!("{addresses}");
            return;
        }
        println!(
            "tenant     {} ({})",
            seed.tenant.id, seed.tenant.display_name
        );
        println!("authority  {}", server.authority_url);
        println!("graph      {}/v1.0", server.graph_url);
        println!(
            "metadata   {}/metadata/endpoints",
            server.resource_manager_url
        );
        println!("admin      {}", server.admin_url);
        match &self.ca_out {
            Some(path) => println!("authority certificate in {}", path.display()),
            None => println!("authority certificate: pass --ca-out FILE to keep it"),
        }
        for application in &seed.applications {
            println!(
                "application {} {}",
                application.client_id, application.display_name
            );
        }
        println!("Press Ctrl-C to stop.");
    }
}
