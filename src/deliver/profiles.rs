//! Looking up what ids stand for: asked of Slack once, remembered in [`People`](super::people::People).

use std::collections::BTreeMap;
use std::sync::Arc;

use serde_json::{Value, json};

use crate::render::mentions::{self, Names};
use crate::takeover::conversation::Conversation;

use super::errand::Obstacle;
use super::method::Method;
use super::outcome::Class;
use super::people::{self, Channel, Person};
use super::tools::{Account, Tools};

impl Tools {
    /// Somebody's profile; `None` when Slack knows nobody of that id, or will not tell.
    pub(super) async fn person(&self, account: &Account, user_id: &str) -> Result<Option<Person>, Obstacle> {
        let key = (account.owner.clone(), user_id.to_owned());
        if let Some(known) = self.people.persons.get(&key).await {
            return Ok(known);
        }
        let answer = self.told(account, Method::USERS_INFO, &json!({ "user": user_id })).await?;
        let person = answer.map(|answer| people::read(&answer["user"]));
        self.people.persons.insert(key, person.clone()).await;
        Ok(person)
    }

    /// The names of everybody who is mentioned in a message of the DM, as far as its workspace lets us in.
    pub(super) async fn names_in_dm(&self, conversation: &Conversation, message: &Value) -> Names {
        match self.customer_account(&conversation.key.bot, &conversation.key.team).await {
            Ok(account) => self.names_in(&account, message).await,
            Err(_) => Names::default(),
        }
    }

    /// The names of everybody and everything that a message mentions, as those may read them who see where they stand: a
    /// message of the customer's workspace goes to the agents. What cannot be named is left out; a label that Slack put
    /// into the message stands in for it. No lookup that fails keeps a message back.
    pub(super) async fn names_in(&self, account: &Account, message: &Value) -> Names {
        let mentioned = mentions::mentioned(message);
        let mut names = Names::default();
        for id in mentioned.users {
            if let Ok(Some(person)) = self.person(account, &id).await {
                names.users.insert(id, person.profile.name);
            }
        }
        for id in mentioned.channels {
            if let Ok(Some(channel)) = self.channel(account, &id).await {
                names.channels.insert(id, channel.name);
            }
        }
        if !mentioned.groups.is_empty()
            && let Ok(groups) = self.groups(account).await
        {
            let known = |id: String| groups.get(&id).map(|handle| (id, handle.clone()));
            names.groups = mentioned.groups.into_iter().filter_map(known).collect();
        }
        names
    }

    /// As [`Self::names_in`], for a message of the support workspace that a customer gets.
    ///
    /// Only channels known to be public keep their names, and among these no room: it is called after another customer. The
    /// rest become `#channel`, whatever label they carry; a channel that Slack knows nothing of may be a private one.
    pub(super) async fn names_for_customer(&self, account: &Account, message: &Value) -> Names {
        let mut names = self.names_in(account, message).await;
        for id in mentions::mentioned(message).channels {
            let open = match self.channel(account, &id).await {
                Ok(Some(channel)) => !channel.is_private && !channel.name.starts_with(&self.relay.config.rooms.prefix),
                Ok(None) | Err(_) => false,
            };
            if !open {
                names.channels.insert(id, String::new());
            }
        }
        names
    }

    /// A channel; `None` when Slack knows none of that id, or will not tell.
    async fn channel(&self, account: &Account, id: &str) -> Result<Option<Channel>, Obstacle> {
        let key = (account.owner.clone(), id.to_owned());
        if let Some(known) = self.people.channels.get(&key).await {
            return Ok(known);
        }
        let answer = self.told(account, Method::CONVERSATIONS_INFO, &json!({ "channel": id })).await?;
        let channel = answer.and_then(|answer| people::channel(&answer["channel"]));
        self.people.channels.insert(key, channel.clone()).await;
        Ok(channel)
    }

    /// The handles of all user groups by id; none where Slack will not tell.
    pub(super) async fn groups(&self, account: &Account) -> Result<Arc<BTreeMap<String, String>>, Obstacle> {
        if let Some(known) = self.people.groups.get(&account.owner).await {
            return Ok(known);
        }
        let answer = self.told(account, Method::USERGROUPS_LIST, &json!({ "include_disabled": true })).await?;
        let groups = Arc::new(answer.map(|answer| people::groups(&answer["usergroups"])).unwrap_or_default());
        self.people.groups.insert(account.owner.clone(), Arc::clone(&groups)).await;
        Ok(groups)
    }

    /// The answer of a method that reads; `None` when asking again would not help.
    async fn told(&self, account: &Account, method: Method, body: &Value) -> Result<Option<Value>, Obstacle> {
        match self.call(account, method, body).await {
            Ok(answer) => Ok(Some(answer)),
            Err(Obstacle::Refused(refusal))
                if matches!(refusal.class, Class::Gone | Class::Permission | Class::Permanent) =>
            {
                Ok(None)
            }
            Err(obstacle) => Err(obstacle),
        }
    }
}
