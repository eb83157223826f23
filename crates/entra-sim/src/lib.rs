//! A local Entra tenant: token endpoint, Microsoft Graph and PIM, for tests and demos.
