//! The four shapes in which a bot may hand over a message.

use serde_json::Value;

use super::{Author, Check, Direction, Element, Ingested, Node, What};
use crate::intake::what;
use crate::takeover::event::Signals;

/// Reads one element. `path` leads to it.
pub(super) fn read(value: Value, path: &str) -> Element {
    let mut check = Check::default();
    let root = Node::root(&value, path);
    if !check.object(&root) {
        return check.finish().map(|()| None);
    }
    let control_epoch = root.get("control_epoch");
    let is_epoch = |value: &Value| value.as_i64().is_some_and(|epoch| epoch >= 0);
    check.optional(&control_epoch, is_epoch, "must be an integer, 0 or more");
    let signals = signals(&root.get("signals"), &mut check);
    let control_epoch = control_epoch.value.as_i64();
    let shape = if value["type"] == "event_callback" {
        envelope(&root, &mut check)
    } else if value["type"].as_str().is_some_and(what::is_click) {
        click(&root, &mut check)
    } else if value["response"].is_null() {
        plain(&root, &mut check)
    } else {
        response(&root, &mut check)
    };
    check.finish()?;
    let Some(Shape { direction, team_id, channel_id, user_id, author, what, event }) = shape else { return Ok(None) };
    let mut value = value;
    let event = value.pointer_mut(event).map(Value::take).unwrap_or_default();
    Ok(Some(Ingested { direction, team_id, channel_id, user_id, author, what, event, control_epoch, signals }))
}

/// What the bot noticed.
fn signals(noticed: &Node<'_>, check: &mut Check) -> Signals {
    check.optional(noticed, Value::is_object, "must be an object");
    let [unanswered, sentiment, event] = ["unanswered", "sentiment", "event"].map(|name| noticed.get(name));
    check.optional(&unanswered, Value::is_boolean, "must be true or false");
    check.optional(&sentiment, is_finite, "must be a number");
    check.optional(&event, Value::is_string, "must be a string");
    Signals {
        unanswered: unanswered.value.as_bool(),
        sentiment: sentiment.value.as_f64(),
        event: event.value.as_str().map(str::to_owned),
    }
}

/// A number of any size is JSON, but not one to compare with.
fn is_finite(value: &Value) -> bool {
    value.as_f64().is_some_and(f64::is_finite)
}

/// What the shapes differ in.
struct Shape {
    direction: Option<Direction>,
    team_id: String,
    channel_id: String,
    user_id: Option<String>,
    author: Author,
    what: What,
    /// Where the event is: a JSON pointer.
    event: &'static str,
}

/// `{"direction", "team_id", "channel_id", "user_id", "message"}`.
fn plain(root: &Node<'_>, check: &mut Check) -> Option<Shape> {
    let direction = root.get("direction");
    check.string(&direction, |text| read_direction(text).is_some(), "must be incoming or outgoing");
    let team_id = check.id(&root.get("team_id"));
    let channel_id = check.id(&root.get("channel_id"));
    let user_id = check.id(&root.get("user_id"));
    let message = root.get("message");
    if !check.object(&message) {
        return None;
    }
    let what = What::read(&message, check);
    if matches!(what, What::Clicked { .. }) && direction.value == "outgoing" {
        check.refuse(&direction, "must be incoming: only people click");
    }
    Some(Shape {
        direction: direction.text().and_then(read_direction),
        team_id,
        channel_id,
        user_id: Some(user_id),
        author: Author::of(what::subject(message.value)),
        what,
        event: "/message",
    })
}

/// `{"team_id", "user_id", "response"}`: what `chat.postMessage` answered.
fn response(root: &Node<'_>, check: &mut Check) -> Option<Shape> {
    let team_id = check.id(&root.get("team_id"));
    let user_id = check.id(&root.get("user_id"));
    let response = root.get("response");
    if !check.object(&response) {
        return None;
    }
    let ok = response.get("ok");
    check.optional(&ok, |value| *value == true, "must be true: a refused post is no message");
    let channel_id = check.id(&response.get("channel"));
    let message = response.get("message");
    check.object(&message);
    let ts = check.ts(&response.get("ts").or(message.get("ts")));
    let author = Author { is_bot: true, ..Author::of(message.value) };
    let direction = Some(Direction::Outgoing);
    let (what, event) = (What::Message { ts }, "/response/message");
    Some(Shape { direction, team_id, channel_id, user_id: Some(user_id), author, what, event })
}

/// An envelope of the Events API. `None` for an event that concerns no channel.
fn envelope(root: &Node<'_>, check: &mut Check) -> Option<Shape> {
    let event = root.get("event");
    if !check.object(&event) {
        return None;
    }
    let what = What::read(&event, check);
    let channel = event.get("channel").or(event.get("item").get("channel"));
    let team = what::installed_team(root);
    if matches!(what, What::Other { .. }) && (channel.text().is_none() || team.text().is_none()) {
        return None;
    }
    let author = Author::of(what::subject(event.value));
    let installation = root.get("authorizations").at(0);
    let is_own = installation.get("is_bot").value == true && installation.get("user_id").string() == author.user;
    let direction = match author.person() {
        _ if author.is_bot || (is_own && author.user.is_some()) => Some(Direction::Outgoing),
        person => person.map(|_| Direction::Incoming),
    };
    let user_id = author.person().filter(|_| direction == Some(Direction::Incoming)).map(str::to_owned);
    let (team_id, channel_id) = (check.id(&team), check.id(&channel));
    Some(Shape { direction, team_id, channel_id, user_id, author, what, event: "/event" })
}

/// What Slack told the bot of a click: the payload of an interaction. `None` for one in no channel.
fn click(root: &Node<'_>, check: &mut Check) -> Option<Shape> {
    let channel = root.get("channel").get("id").or(root.get("container").get("channel_id"));
    if channel.value.is_null() {
        return None;
    }
    let what = What::read(root, check);
    let (team_id, channel_id) =
        (check.id(&root.get("team").get("id").or(root.get("user").get("team_id"))), check.id(&channel));
    let user_id = root.get("user").get("id").string();
    let author = Author { user: user_id.clone(), ..Author::default() };
    Some(Shape { direction: Some(Direction::Incoming), team_id, channel_id, user_id, author, what, event: "" })
}

pub(super) fn read_direction(text: &str) -> Option<Direction> {
    match text {
        "incoming" => Some(Direction::Incoming),
        "outgoing" => Some(Direction::Outgoing),
        _ => None,
    }
}
