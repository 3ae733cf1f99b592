//! What people do in Slack, commands and clicks apart. Channels are named by id or by name.

use anyhow::{Context as _, bail, ensure};
use serde_json::{Value, json};

use super::Simulator;
use super::api::{self, Request};
use super::rich_text::typed;
use super::world::{Object, World, object};

impl Simulator {
    /// A person writes a message. Answers its `ts`.
    ///
    /// # Errors
    /// When the person is not in such a channel, or the channel is archived.
    pub fn say(&self, team: &str, user: &str, channel: &str, text: &str) -> anyhow::Result<String> {
        self.post_as_user(team, user, channel, json!({ "text": text }))
    }

    /// A person answers in a thread, and `broadcast`s the answer to the channel or not.
    ///
    /// # Errors
    /// As [`Self::say`], or when there is nothing to answer.
    pub fn reply(
        &self,
        team: &str,
        user: &str,
        channel: &str,
        thread_ts: &str,
        text: &str,
        broadcast: bool,
    ) -> anyhow::Result<String> {
        let fields = json!({ "text": text, "thread_ts": thread_ts, "reply_broadcast": broadcast });
        self.post_as_user(team, user, channel, fields)
    }

    /// A person posts a message with these fields: blocks, files, attachments, whatever Slack's own clients can send.
    ///
    /// # Errors
    /// As [`Self::say`].
    pub fn post_as_user(&self, team: &str, user: &str, channel: &str, fields: Value) -> anyhow::Result<String> {
        self.typed_message(team, user, channel, fields, |world, id, message| world.post(team, id, message))
    }

    /// Runs something on the message that a person makes of these fields.
    pub(super) fn typed_message<T>(
        &self,
        team: &str,
        user: &str,
        channel: &str,
        fields: Value,
        run: impl FnOnce(&mut World, &str, Object) -> T,
    ) -> anyhow::Result<T> {
        self.as_member(team, user, channel, |world, id| {
            if let Some(thread) = fields["thread_ts"].as_str() {
                let there = world.channel(team, id).is_some_and(|place| place.message(thread).is_some());
                ensure!(there, "no message {thread} to answer");
            }
            let mut message = world.typed_by(team, user, &fields);
            message.extend(object(fields));
            Ok(run(world, id, message))
        })?
    }

    /// An app posts with its own token, not over HTTP. Answers the `ts`.
    ///
    /// # Errors
    /// When the Web API refuses, with its error code.
    pub fn bot_says(&self, token: &str, channel: &str, mut message: Value) -> anyhow::Result<String> {
        message["channel"] = json!(channel);
        let answer = self.call(token, "chat.postMessage", message);
        answer["ts"].as_str().map(str::to_owned).with_context(|| format!("chat.postMessage: {}", answer["error"]))
    }

    /// Calls the Web API without HTTP, faults and log. Answers the whole answer.
    #[must_use]
    pub fn call(&self, token: &str, method: &str, args: Value) -> Value {
        let json = api::method(method).is_some_and(|method| !method.reads);
        let request = Request { method, token: Some(token), args: object(args), json };
        let reply = api::call(&mut self.core.world(), request);
        self.core.queued.notify_one();
        reply.body
    }

    /// A person edits a message of theirs.
    ///
    /// # Errors
    /// When it is not there or not theirs.
    pub fn edit(&self, team: &str, user: &str, channel: &str, ts: &str, text: &str) -> anyhow::Result<()> {
        self.own_message(team, user, channel, ts, |world, channel| {
            let number = world.serial();
            let edited = json!({ "user": user, "ts": format!("{}.000000", world.now().as_second()) });
            let block = typed(text, &format!("rt{number}"));
            world.change(team, channel, ts, object(json!({ "text": text, "blocks": [block], "edited": edited })));
        })
    }

    /// A person deletes a message of theirs.
    ///
    /// # Errors
    /// When it is not there or not theirs.
    pub fn delete(&self, team: &str, user: &str, channel: &str, ts: &str) -> anyhow::Result<()> {
        self.own_message(team, user, channel, ts, |world, channel| {
            world.remove(team, channel, ts);
        })
    }

    /// Slack adds the preview of a link to a message: a change that nobody made.
    ///
    /// # Errors
    /// When there is no such channel or message.
    pub fn unfurl(&self, team: &str, channel: &str, ts: &str, preview: &Value) -> anyhow::Result<()> {
        let there = self.with_channel(team, channel, |world, channel| {
            world.change(team, channel, ts, object(json!({ "attachments": [preview] })))
        })?;
        ensure!(there, "no message {ts}");
        Ok(())
    }

    /// A person reacts to a message, or with `add` false takes a reaction back.
    ///
    /// # Errors
    /// When the person is not in such a channel, or nothing would change.
    pub fn react(&self, team: &str, user: &str, channel: &str, ts: &str, name: &str, add: bool) -> anyhow::Result<()> {
        ensure!(
            self.as_member(team, user, channel, |world, channel| world.react(team, channel, ts, user, name, add))?,
            "no message {ts}, or the reaction is as it should be"
        );
        Ok(())
    }

    /// A person archives a channel.
    ///
    /// # Errors
    /// When the person is not in such a channel.
    pub fn archive(&self, team: &str, user: &str, channel: &str) -> anyhow::Result<()> {
        self.as_member(team, user, channel, |world, channel| world.archive(team, channel, user))
    }

    /// A person brings an archived channel back.
    ///
    /// # Errors
    /// When there is no such channel.
    pub fn unarchive(&self, team: &str, user: &str, channel: &str) -> anyhow::Result<()> {
        self.with_channel(team, channel, |world, channel| world.unarchive(team, channel, user))
    }

    /// A person renames a channel.
    ///
    /// # Errors
    /// When the person is not in such a channel.
    pub fn rename(&self, team: &str, user: &str, channel: &str, name: &str) -> anyhow::Result<()> {
        self.as_member(team, user, channel, |world, channel| world.rename(team, channel, name, user))
    }

    /// A person deletes a channel.
    ///
    /// # Errors
    /// When there is no such channel.
    pub fn delete_channel(&self, team: &str, user: &str, channel: &str) -> anyhow::Result<()> {
        self.with_channel(team, channel, |world, channel| world.delete_channel(team, channel, user))
    }

    /// A person removes somebody, or a bot, from a channel.
    ///
    /// # Errors
    /// When either is not in such a channel.
    pub fn kick(&self, team: &str, user: &str, channel: &str, whom: &str) -> anyhow::Result<()> {
        self.as_member(team, whom, channel, |_, _| ())?;
        self.as_member(team, user, channel, |world, channel| world.part(team, channel, whom, user))
    }

    /// A person leaves a channel.
    ///
    /// # Errors
    /// When the person is not in such a channel.
    pub fn leave(&self, team: &str, user: &str, channel: &str) -> anyhow::Result<()> {
        self.kick(team, user, channel, user)
    }

    fn as_member<T>(
        &self,
        team: &str,
        user: &str,
        channel: &str,
        run: impl FnOnce(&mut World, &str) -> T,
    ) -> anyhow::Result<T> {
        self.with_channel(team, channel, |world, id| {
            let Some(place) = world.channel(team, id) else { bail!("no channel {id}") };
            ensure!(place.members.contains(user), "{user} is not in {channel}");
            ensure!(!place.archived, "{channel} is archived");
            Ok(run(world, id))
        })?
    }

    fn own_message(
        &self,
        team: &str,
        user: &str,
        channel: &str,
        ts: &str,
        run: impl FnOnce(&mut World, &str),
    ) -> anyhow::Result<()> {
        self.as_member(team, user, channel, |world, id| {
            let message = world.channel(team, id).and_then(|place| place.message(ts));
            let message = message.with_context(|| format!("no message {ts} in {channel}"))?;
            ensure!(message.text("user") == user && message.text("bot_id").is_empty(), "{ts} is not by {user}");
            run(world, id);
            Ok(())
        })?
    }
}

impl World {
    /// What Slack's own clients add to a message that a person sends.
    fn typed_by(&mut self, team: &str, user: &str, fields: &Value) -> Object {
        let number = self.serial();
        let mut message = object(json!({
            "user": user, "client_msg_id": format!("00000000-0000-4000-8000-{number:012}"), "text": "",
        }));
        // The team of the envelope is the app's; a person from a connected workspace brings their own.
        if let Some(home) = self.user(team, user).and_then(|person| person.team_id.as_ref()) {
            message.extend(object(json!({ "user_team": home, "source_team": home })));
        }
        let text = fields["text"].as_str().unwrap_or_default();
        if !text.is_empty() && fields["blocks"].is_null() {
            message.insert("blocks".into(), json!([typed(text, &format!("rt{number}"))]));
        }
        message
    }
}
