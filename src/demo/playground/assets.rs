//! The page itself, which is part of the program, and the files that people share on it.

use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::http::header::{CACHE_CONTROL, CONTENT_SECURITY_POLICY, CONTENT_TYPE, X_CONTENT_TYPE_OPTIONS};
use axum::response::{IntoResponse, Response};
use rust_embed::Embed;

use super::Playground;

#[derive(Embed)]
#[folder = "src/demo/page"]
struct Page;

/// The page loads nothing from elsewhere, and runs nothing that stands in it.
const POLICY: &str = "default-src 'self'; img-src 'self' data: blob:; frame-ancestors 'none'";

/// `GET /`.
pub(super) async fn index() -> Response {
    page("index.html")
}

/// `GET /demo/page/{path}`.
pub(super) async fn file(Path(path): Path<String>) -> Response {
    page(&path)
}

/// `GET /demo/files/{team}/{id}`: what people have shared. Pictures are shown, anything else is kept by the browser.
pub(super) async fn shared(State(playground): State<Playground>, Path((team, id)): Path<(String, String)>) -> Response {
    let Some(bytes) = playground.slack.file_bytes(&team, &id) else { return StatusCode::NOT_FOUND.into_response() };
    let kind = picture(&bytes).unwrap_or("application/octet-stream");
    ([(CONTENT_TYPE, kind), (X_CONTENT_TYPE_OPTIONS, "nosniff")], bytes).into_response()
}

fn page(path: &str) -> Response {
    let Some(file) = Page::get(path) else { return StatusCode::NOT_FOUND.into_response() };
    let kind = match path.rsplit_once('.').map(|(_, extension)| extension) {
        Some("html") => "text/html; charset=utf-8",
        Some("css") => "text/css; charset=utf-8",
        Some("js") => "text/javascript; charset=utf-8",
        Some("svg") => "image/svg+xml",
        _ => "application/octet-stream",
    };
    let headers = [
        (CONTENT_TYPE, kind),
        (CONTENT_SECURITY_POLICY, POLICY),
        (X_CONTENT_TYPE_OPTIONS, "nosniff"),
        (CACHE_CONTROL, "no-cache"),
    ];
    (headers, file.data).into_response()
}

/// The kind of a picture that browsers show, by its first bytes.
fn picture(bytes: &[u8]) -> Option<&'static str> {
    match bytes {
        [0x89, b'P', b'N', b'G', ..] => Some("image/png"),
        [0xFF, 0xD8, 0xFF, ..] => Some("image/jpeg"),
        [b'G', b'I', b'F', b'8', ..] => Some("image/gif"),
        [b'R', b'I', b'F', b'F', _, _, _, _, b'W', b'E', b'B', b'P', ..] => Some("image/webp"),
        _ => None,
    }
}
