//! Ids in paths. What cannot be an id names nothing: a 404, as for an id that is not known.

use axum::extract::{FromRequestParts, RawPathParams};
use axum::http::request::Parts;

use super::check::is_id;
use super::problem::Problem;

/// The ids in a path, in order.
pub(super) struct Ids<const N: usize>(pub(super) [String; N]);

impl<S: Send + Sync, const N: usize> FromRequestParts<S> for Ids<N> {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Problem> {
        let params = RawPathParams::from_request_parts(parts, state).await.ok();
        let ids = params.map(|params| params.iter().map(|(_, id)| id.to_owned()).collect::<Vec<_>>());
        let ids: Option<[String; N]> = ids.and_then(|ids| ids.try_into().ok());
        ids.filter(|ids| ids.iter().all(|id| is_id(id))).map(Self).ok_or_else(Problem::nothing_here)
    }
}
