//! Microsoft Graph client: tokens, typed requests, batches, limits, error classes.
