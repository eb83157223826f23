//! Documents by which clients find the endpoints: `OpenID Connect` discovery, instance discovery, and the metadata of
//! the Resource Manager that Azure CLI and Terraform read to learn of a cloud.

use serde_json::{Value, json};

use crate::ids::TenantId;

/// `/{tenant}/v2.0/.well-known/openid-configuration`.
pub(crate) fn openid_configuration(origin: &str, tenant: &str, tenant_id: TenantId) -> Value {
    let base = format!("{origin}/{tenant}");
    json!({
        "token_endpoint": format!("{base}/oauth2/v2.0/token"),
        "token_endpoint_auth_methods_supported": ["client_secret_post", "private_key_jwt", "client_secret_basic"],
        "jwks_uri": format!("{base}/discovery/v2.0/keys"),
        "response_modes_supported": ["query", "fragment", "form_post"],
        "subject_types_supported": ["pairwise"],
        "id_token_signing_alg_values_supported": ["RS256"],
        "response_types_supported": ["code", "id_token", "code id_token", "id_token token"],
        "scopes_supported": ["openid", "profile", "email", "offline_access"],
        "issuer": format!("{origin}/{tenant_id}/v2.0"),
        "request_uri_parameter_supported": false,
        "authorization_endpoint": format!("{base}/oauth2/v2.0/authorize"),
        "device_authorization_endpoint": format!("{base}/oauth2/v2.0/devicecode"),
        "tenant_region_scope": null,
        "cloud_instance_name": host(origin),
        "cloud_graph_host_name": host(origin),
        "msgraph_host": host(origin),
        "rbac_url": origin,
    })
}

/// `/common/discovery/instance`: this authority and no other.
pub(crate) fn instance(origin: &str, tenant_id: TenantId) -> Value {
    json!({
        "tenant_discovery_endpoint": format!("{origin}/{tenant_id}/v2.0/.well-known/openid-configuration"),
        "api-version": "1.1",
        "metadata": [{"preferred_network": host(origin), "preferred_cache": host(origin), "aliases": [host(origin)]}],
    })
}

/// The version from which on the clouds are one object, not a list.
const ONE_OBJECT: &str = "2022-09-01";

/// `/metadata/endpoints` of the Resource Manager: one cloud. The oldest version and those since 2022-09-01 answer an object, the
/// ones between them a list.
pub(crate) fn resource_manager(origin: &str, api_version: &str) -> Value {
    let slash = format!("{origin}/");
    if api_version == "2015-01-01" {
        return json!({
            "galleryEndpoint": slash, "graphEndpoint": slash, "portalEndpoint": slash,
            "authentication": {"loginEndpoint": slash, "audiences": [slash]},
        });
    }
    let cloud = json!({
        "name": "EntraSim",
        "portal": origin,
        "authentication": {
            "loginEndpoint": origin, "audiences": [slash, origin], "tenant": "common", "identityProvider": "AAD",
        },
        "graph": slash,
        "graphAudience": slash,
        "microsoftGraphResourceId": slash,
        "resourceManager": slash,
        "activeDirectoryDataLake": slash,
        "media": slash,
        "batch": slash,
        "sqlManagement": slash,
        "vmImageAliasDoc": slash,
        "suffixes": {},
        "activeDirectoryResourceId": slash, "appInsightsResourceId": slash, "attestationResourceId": slash,
        "logAnalyticsResourceId": slash, "ossrDbmsResourceId": slash, "synapseAnalyticsResourceId": slash,
    });
    if api_version >= ONE_OBJECT {
        return cloud;
    }
    json!([cloud])
}

fn host(origin: &str) -> &str {
    origin.split_once("://").map_or(origin, |(_, host)| host)
}
