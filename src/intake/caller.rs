//! What the handlers of the bots' API begin with: which bot asks, and the object that it sends.

use std::sync::Arc;

use axum::body::Bytes;
use axum::extract::{FromRequest, FromRequestParts, Request};
use axum::http::HeaderMap;
use axum::http::request::Parts;
use serde_json::Value;

use crate::config::Bot;

use super::check::json as parse_json;
use super::problem::Problem;
use super::state::{Intake, bot, json_only};

/// The bot whose key the request carries.
pub(super) struct Caller(pub(super) Arc<Bot>);

impl FromRequestParts<Intake> for Caller {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, intake: &Intake) -> Result<Self, Problem> {
        bot(intake, &parts.headers).map(Self)
    }
}

/// The JSON object in the body.
pub(super) struct Object(pub(super) Value);

impl FromRequest<Intake> for Object {
    type Rejection = Problem;

    async fn from_request(request: Request, intake: &Intake) -> Result<Self, Problem> {
        let (headers, body) = whole(request, intake).await?;
        object(&headers, &body).map(Self)
    }
}

/// The same, where there need be no body.
pub(super) struct ObjectOrNothing(pub(super) Option<Value>);

impl FromRequest<Intake> for ObjectOrNothing {
    type Rejection = Problem;

    async fn from_request(request: Request, intake: &Intake) -> Result<Self, Problem> {
        let (headers, body) = whole(request, intake).await?;
        let object = (!body.is_empty()).then(|| object(&headers, &body)).transpose()?;
        Ok(Self(object))
    }
}

async fn whole(request: Request, intake: &Intake) -> Result<(HeaderMap, Bytes), Problem> {
    let headers = request.headers().clone();
    let body = Bytes::from_request(request, intake).await.map_err(|_| Problem::incomplete_body())?;
    Ok((headers, body))
}

fn object(headers: &HeaderMap, body: &Bytes) -> Result<Value, Problem> {
    json_only(headers)?;
    let body = parse_json(body)?;
    if body.is_object() { Ok(body) } else { Err(Problem::invalid_field("body", "must be an object")) }
}
