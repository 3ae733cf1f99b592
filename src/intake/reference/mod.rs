//! The description of the HTTP interface: for programs at `/openapi.json`, for people at `/docs`. Both come from
//! `openapi.yaml` beside this file.

mod page;

use std::sync::Arc;

use anyhow::Context as _;
use axum::extract::State;
use axum::http::header::{CONTENT_SECURITY_POLICY, CONTENT_TYPE};
use axum::response::IntoResponse;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::Value;
use sha2::{Digest, Sha256};

pub use page::page;

use super::state::Intake;

/// The description, ready to be served; clones share it.
#[derive(Clone)]
pub struct Reference {
    json: Arc<str>,
    page: Arc<str>,
    /// The page runs nothing and loads nothing; its one style sheet is known by its hash.
    policy: Arc<str>,
}

/// Not the documents: they fill pages.
impl std::fmt::Debug for Reference {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.debug_struct("Reference").field("policy", &self.policy).finish_non_exhaustive()
    }
}

impl Reference {
    /// Reads the description that is part of the program.
    ///
    /// # Errors
    ///
    /// Never; a test reads it too.
    pub fn new() -> anyhow::Result<Self> {
        let yaml = include_str!("openapi.yaml");
        let mut description: Value = serde_saphyr::from_str(yaml).context("the description of the interface")?;
        description["info"]["version"] = env!("CARGO_PKG_VERSION").into();
        let style = STANDARD.encode(Sha256::digest(page::STYLE));
        let policy = format!(
            "default-src 'none'; style-src 'sha256-{style}'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
        );
        Ok(Self { json: format!("{description:#}\n").into(), page: page(&description).into(), policy: policy.into() })
    }
}

/// For programs.
pub(super) async fn openapi(State(intake): State<Intake>) -> impl IntoResponse {
    ([(CONTENT_TYPE, "application/json")], intake.reference.json.to_string())
}

/// For people.
pub(super) async fn docs(State(intake): State<Intake>) -> impl IntoResponse {
    let Reference { page, policy, .. } = &intake.reference;
    let headers =
        [(CONTENT_TYPE, "text/html; charset=utf-8".to_owned()), (CONTENT_SECURITY_POLICY, policy.to_string())];
    (headers, page.to_string())
}
