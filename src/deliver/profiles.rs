//! Looking people up: asked of Slack once, remembered in [`People`](super::people::People).

use serde_json::{Value, json};

use crate::render::mentions::{self, Names};
use crate::takeover::conversation::Conversation;

use super::errand::Obstacle;
use super::method::Method;
use super::outcome::Class;
use super::people::{self, Person};
use super::tools::{Account, Tools};

impl Tools {
    /// Somebody's profile; `None` when Slack knows nobody of that id, or will not tell.
    pub(super) async fn person(&self, account: &Account, user_id: &str) -> Result<Option<Person>, Obstacle> {
        let key = (account.owner.clone(), user_id.to_owned());
        if let Some(known) = self.people.0.get(&key).await {
            return Ok(known);
        }
        let person = match self.call(account, Method::USERS_INFO, &json!({ "user": user_id })).await {
            Ok(answer) => Some(people::read(&answer["user"])),
            Err(Obstacle::Refused(refusal))
                if matches!(refusal.class, Class::Gone | Class::Permission | Class::Permanent) =>
            {
                None
            }
            Err(obstacle) => return Err(obstacle),
        };
        self.people.0.insert(key, person.clone()).await;
        Ok(person)
    }

    /// The names of everybody who is mentioned in a message of the DM, as far as its workspace lets us in.
    pub(super) async fn names_in_dm(&self, conversation: &Conversation, message: &Value) -> Names {
        match self.customer_account(&conversation.key.bot, &conversation.key.team).await {
            Ok(account) => self.names_in(&account, message).await,
            Err(_) => Names::default(),
        }
    }

    /// The names of everybody who is mentioned in a message. Who cannot be named is left out.
    pub(super) async fn names_in(&self, account: &Account, message: &Value) -> Names {
        let mut names = Names::default();
        for user_id in mentions::mentioned(message).users {
            if let Ok(Some(person)) = self.person(account, &user_id).await {
                names.users.insert(user_id, person.profile.name);
            }
        }
        names
    }
}
