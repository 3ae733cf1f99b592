//! For visitors, once the story is over: `/demo` beside the service's own routes, where they see both columns and speak as Phil or
//! Jane; and the page of commands that says so. A web page would call the same.

use axum::Router;
use axum::extract::{Query, State};
use axum::http::StatusCode;
use axum::routing::{get, post};
use serde::Deserialize;
use url::Url;

use super::cast::{ACME, API_KEY, HUB, JANE, PHIL, PHILS_DM, SIGNING_SECRET};
use super::screen::{Screen, USUAL_WIDTH};
use super::stage::{COMMAND, CUSTOMERS, People};

/// The visitors' routes.
pub(super) fn router(people: People) -> Router {
    Router::new()
        .route("/demo/rooms", get(rooms))
        .route("/demo/phil", post(phil))
        .route("/demo/jane", post(jane))
        .with_state(people)
}

#[derive(Deserialize)]
struct Size {
    width: Option<usize>,
}

/// What the customers and Jane see, as text: Phil's conversation, and that of every other customer who has a room.
async fn rooms(State(people): State<People>, Query(size): Query<Size>) -> String {
    let screen = Screen::plain(size.width.unwrap_or(USUAL_WIDTH));
    let pages = CUSTOMERS.iter().filter_map(|customer| {
        let room = people.room_of(customer);
        let (place, seen) = match &room {
            Some(room) => (format!("#{}", room.name), people.jane_sees(&room.id)),
            None if customer.user == PHIL => (format!("no open room; {COMMAND} open phil"), Vec::new()),
            None => return None,
        };
        let left = format!("{}, at Acme", customer.name);
        let heading = screen.heading([&left, "DM with Expense Bot"], ["Jane, at Initech", &place]);
        Some(heading + &screen.channels(&people.customer_sees(customer), &seen))
    });
    pages.collect::<Vec<_>>().join("\n")
}

/// Phil writes the body to the bot.
async fn phil(State(people): State<People>, text: String) -> Result<String, (StatusCode, String)> {
    people.phil_writes(&text).map(|_| "Phil has written it.\n".to_owned()).map_err(|error| refused(&error))
}

/// Jane writes the body: a command if it is one.
async fn jane(State(people): State<People>, text: String) -> Result<String, (StatusCode, String)> {
    let told = people.jane_writes(&text).await.map_err(|error| refused(&error))?;
    Ok(told.map_or_else(|| "Jane has written it.\n".to_owned(), |told| format!("{told}\n")))
}

fn refused(error: &anyhow::Error) -> (StatusCode, String) {
    (StatusCode::UNPROCESSABLE_ENTITY, format!("{error:#}\n"))
}

/// An address without the slash at its end.
pub(super) fn shown(service: &Url) -> &str {
    service.as_str().trim_end_matches('/')
}

/// What a visitor can do: headings, and below each a command for a shell. `room` is the id of Phil's.
pub(super) fn guide(service: &Url, room: &str) -> [(&'static str, String); 6] {
    let service = shown(service);
    [
        ("See both sides", format!("curl {service}/demo/rooms")),
        ("Be Phil", format!("curl -d 'Hello again!' {service}/demo/phil")),
        (
            "Be the bot: ask for a human for Phil; then be Jane, and pick him",
            format!(
                r#"curl {service}/v1/conversations/{ACME}/{PHILS_DM}/handoffs \
  -H 'Authorization: Bearer {API_KEY}' \
  -H 'Content-Type: application/json' -d '{{ "user_id": "{PHIL}" }}'; echo
curl -d '{COMMAND} pick phil' {service}/demo/jane"#
            ),
        ),
        (
            "Be Jane: words for Phil, or a command (try /megatron help)",
            format!("curl -d 'Hi Phil, Jane again.' {service}/demo/jane"),
        ),
        (
            "Be the bot: pass on what a customer said, and learn who has control",
            format!(
                r#"curl {service}/ingest \
  -H 'Authorization: Bearer {API_KEY}' \
  -H 'Content-Type: application/json' -d '{{ "direction": "incoming",
  "team_id": "{ACME}", "channel_id": "{PHILS_DM}", "user_id": "{PHIL}",
  "message": {{ "ts": "'$(date +%s)'.999999", "text": "Hi, by curl" }} }}'; echo"#
            ),
        ),
        (
            "Be Slack: sign a slash command and send it",
            format!(
                r#"body='team_id={HUB}&channel_id={room}&user_id={JANE}'
body="$body&command={COMMAND}&text=status"; time=$(date +%s)
signature=$(printf %s "v0:$time:$body" | openssl dgst -sha256 \
  -hmac '{SIGNING_SECRET}' | sed 's/.* //')
curl {service}/slack/commands -d "$body" \
  -H "X-Slack-Request-Timestamp: $time" \
  -H "X-Slack-Signature: v0=$signature"; echo"#
            ),
        ),
    ]
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    #[test]
    fn the_guide_fits_into_a_small_terminal() {
        for (what, command) in guide(&"http://127.0.0.1:65535/".parse().unwrap(), "C0SIM0003") {
            for line in command.lines() {
                assert!(line.len() <= 80, "{what}: {line}");
            }
        }
    }
}
