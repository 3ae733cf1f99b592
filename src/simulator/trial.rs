//! A channel in which tests try whether Slack would take a post, without a server.

use serde_json::{Value, json};

use super::api::{self, Request};
use super::cast::Credential;
use super::world::{Kind, Workspace, World, object};
use crate::clock::{Clock, ManualClock};

const TEAM: &str = "T0TRIAL";
const USER: &str = "U0TRIAL";
const TOKEN: &str = "xoxb-trial";

/// The channel.
pub(crate) struct Trial {
    world: World,
    channel: String,
}

impl Trial {
    /// A channel of a Slack that takes back what it shows, or does not.
    pub(crate) fn new(takes_back_what_it_shows: bool) -> Self {
        let clock = Clock::Manual(ManualClock::starting_at(crate::clock::from_millis(1_700_000_000_000)));
        let mut world = World::new(clock, "http://localhost".to_owned());
        world.settings.takes_back_what_it_shows = takes_back_what_it_shows;
        world.workspaces.insert(TEAM.to_owned(), Workspace::new(TEAM, "Trial", "trial"));
        let scopes = ["chat:write", "chat:write.customize"].map(str::to_owned).to_vec();
        let credential = Credential {
            team: TEAM.to_owned(),
            app_id: "A0TRIAL".to_owned(),
            user_id: USER.to_owned(),
            bot_id: Some("B0TRIAL".to_owned()),
            scopes,
            revoked: false,
        };
        world.credentials.insert(TOKEN.to_owned(), credential);
        let channel = world.create_channel(TEAM, "trial", Kind::Public, USER);
        Self { world, channel }
    }

    /// Posts, and answers the code and the messages of the refusal, if there is one.
    pub(crate) fn refusal(&mut self, body: &Value) -> Option<(String, Vec<String>)> {
        let mut args = object(body.clone());
        args.insert("channel".to_owned(), json!(self.channel));
        let request = Request { method: "chat.postMessage", token: Some(TOKEN), args, json: true };
        let answer = api::call(&mut self.world, request).body;
        let messages = answer["errors"].as_array().into_iter().flatten().filter_map(Value::as_str).map(str::to_owned);
        (answer["ok"] != true).then(|| (answer["error"].as_str().unwrap_or_default().to_owned(), messages.collect()))
    }

    /// The messages in the channel, which is empty afterwards: Slack makes several of a long one.
    pub(crate) fn take(&mut self) -> Vec<Value> {
        let place = self.world.channel_mut(TEAM, &self.channel);
        let messages = place.map(|place| std::mem::take(&mut place.messages)).unwrap_or_default();
        messages.into_iter().map(|message| Value::Object(message.body)).collect()
    }
}
