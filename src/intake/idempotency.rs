//! The `Idempotency-Key` header: what it may look like, and how a repeated request is told from another one.
//! See `draft-ietf-httpapi-idempotency-key-header`. The handlers of every POST of the bots' API use it.

use axum::http::{HeaderMap, Method};
use sha2::{Digest, Sha256};

use super::problem::Problem;

/// The key of a request, if it has one.
///
/// The draft writes it as a quoted string; most clients send it bare. Both name the same key.
///
/// # Errors
///
/// 400 unless there is one key, of 1 to 255 visible ASCII characters.
pub fn key(headers: &HeaderMap) -> Result<Option<String>, Problem> {
    let mut values = headers.get_all("idempotency-key").iter();
    let Some(value) = values.next() else { return Ok(None) };
    let text = value.to_str().ok().filter(|_| values.next().is_none()).map(str::trim);
    let key = text.and_then(|text| match text.strip_prefix('"') {
        Some(quoted) => unquote(quoted),
        None => Some(text.to_owned()),
    });
    let usable = |key: &String| (1..=255).contains(&key.len()) && key.bytes().all(|byte| byte.is_ascii_graphic());
    key.filter(usable).map(Some).ok_or_else(Problem::bad_idempotency_key)
}

/// What must be equal for two requests to be the same: SHA-256 over method, path and body, in hex.
#[must_use]
pub fn fingerprint(method: &Method, path: &str, body: &[u8]) -> String {
    let mut hash = Sha256::new();
    for part in [method.as_str().as_bytes(), b" ", path.as_bytes(), b"\n", body] {
        hash.update(part);
    }
    hex::encode(hash.finalize())
}

/// The rest of a quoted string (RFC 8941, section 4.2.5), after its opening quote.
fn unquote(quoted: &str) -> Option<String> {
    let mut text = String::new();
    let mut characters = quoted.chars();
    loop {
        match characters.next()? {
            '"' => return characters.next().is_none().then_some(text),
            '\\' => text.push(characters.next().filter(|escaped| matches!(escaped, '"' | '\\'))?),
            plain => text.push(plain),
        }
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    fn read(values: &[&str]) -> Result<Option<String>, Problem> {
        let mut headers = HeaderMap::new();
        for value in values {
            headers.append("idempotency-key", value.parse().unwrap());
        }
        key(&headers)
    }

    #[test]
    fn a_key_may_be_bare_or_quoted() {
        let longest = "k".repeat(255);
        for (value, key) in [("a-1", "a-1"), ("\"a-1\"", "a-1"), (r#""a\"\\b""#, r#"a"\b"#), (&longest, &longest)] {
            assert_eq!(read(&[value]).unwrap().as_deref(), Some(key), "{value}");
        }
        assert_eq!(read(&[]), Ok(None));
    }

    #[test]
    fn an_unusable_key_is_refused() {
        for value in ["", "\"\"", "\"", "\"open", "\"a\"b", "\"a\\x\"", "two words", &"k".repeat(256)] {
            assert_eq!(read(&[value]), Err(Problem::bad_idempotency_key()), "{value}");
        }
        assert_eq!(read(&["one", "two"]), Err(Problem::bad_idempotency_key()));
    }

    #[test]
    fn a_fingerprint_tells_method_path_and_body_apart() {
        let first = fingerprint(&Method::POST, "/ingest", b"{}");
        assert_eq!(first, fingerprint(&Method::POST, "/ingest", b"{}"));
        assert_eq!(first.len(), 64);
        assert_ne!(first, fingerprint(&Method::PUT, "/ingest", b"{}"));
        assert_ne!(first, fingerprint(&Method::POST, "/v1/notices", b"{}"));
        assert_ne!(first, fingerprint(&Method::POST, "/ingest", b"{ }"));
    }
}
