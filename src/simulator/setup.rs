//! Setting the stage: workspaces, people, apps, channels, tokens. Called by tests and by the demo.

use std::collections::BTreeSet;

use anyhow::{Context as _, anyhow};
use serde_json::json;

use super::Simulator;
use super::cast::{App, AppUrls, Credential, User};
use super::world::{Group, Kind, Workspace, World, object};

impl Simulator {
    /// Makes a workspace.
    pub fn add_workspace(&self, team: &str, name: &str, domain: &str) {
        self.core.world().workspaces.insert(team.to_owned(), Workspace::new(team, name, domain));
    }

    /// Adds a person, or replaces the one with the same id.
    ///
    /// # Errors
    /// When there is no such workspace.
    pub fn add_user(&self, team: &str, user: User) -> anyhow::Result<()> {
        self.in_workspace(team, |workspace| {
            workspace.users.insert(user.id.clone(), user);
        })
    }

    /// Somebody goes away from their screen, or comes back.
    ///
    /// # Errors
    /// When there is no such workspace or user.
    pub fn set_away(&self, team: &str, user: &str, is_away: bool) -> anyhow::Result<()> {
        let mut world = self.core.world();
        let user = world.workspaces.get_mut(team).and_then(|workspace| workspace.users.get_mut(user));
        user.context("there is no such user")?.is_away = is_away;
        Ok(())
    }

    /// Adds a user group with this id and handle.
    ///
    /// # Errors
    /// When there is no such workspace.
    pub fn add_user_group(&self, team: &str, id: &str, handle: &str, members: &[&str]) -> anyhow::Result<()> {
        let members = members.iter().map(|member| (*member).to_owned()).collect();
        let group = Group { handle: handle.to_owned(), members };
        self.in_workspace(team, |workspace| {
            workspace.groups.insert(id.to_owned(), group);
        })
    }

    /// Installs an app in a workspace, with its bot user and its tokens.
    ///
    /// # Errors
    /// When there is no such workspace.
    pub fn install_app(&self, team: &str, app: App) -> anyhow::Result<()> {
        let mut world = self.core.world();
        let credential = |user_id: &str, bot_id: Option<&String>, scopes: &[String]| Credential {
            team: team.to_owned(),
            app_id: app.app_id.clone(),
            user_id: user_id.to_owned(),
            bot_id: bot_id.cloned(),
            scopes: scopes.to_vec(),
            revoked: false,
        };
        let bot = credential(&app.bot_user_id, Some(&app.bot_id), &app.scopes);
        let whole = credential("", None, &["connections:write".to_owned()]);
        let whole = (!app.app_token.is_empty()).then(|| (app.app_token.clone(), whole));
        let person =
            app.user_token.as_ref().map(|own| (own.token.clone(), credential(&own.user_id, None, &own.scopes)));
        let workspace = world.workspaces.get_mut(team).with_context(|| format!("no workspace {team}"))?;
        let handle = app.name.to_lowercase().replace(' ', "_");
        let bot_user = User {
            id: app.bot_user_id.clone(),
            name: handle,
            real_name: app.name.clone(),
            is_bot: true,
            ..User::default()
        };
        workspace.users.insert(app.bot_user_id.clone(), bot_user);
        let token = app.token.clone();
        workspace.apps.insert(app.app_id.clone(), app);
        world.credentials.insert(token, bot);
        world.credentials.extend(person.into_iter().chain(whole));
        Ok(())
    }

    /// Tells where an app listens, in every workspace.
    pub fn set_urls(&self, app_id: &str, urls: &AppUrls) {
        for workspace in self.core.world().workspaces.values_mut() {
            if let Some(app) = workspace.apps.get_mut(app_id) {
                app.urls = Some(urls.clone());
            }
        }
    }

    /// Opens the DM of a person with an app's bot, under this id.
    ///
    /// # Errors
    /// When there is no such workspace or app.
    pub fn open_dm(&self, team: &str, user: &str, app_id: &str, channel: &str) -> anyhow::Result<()> {
        let mut world = self.core.world();
        let now = world.now();
        let workspace = world.workspaces.get_mut(team).with_context(|| format!("no workspace {team}"))?;
        let bot_user = workspace.apps.get(app_id).with_context(|| format!("no app {app_id}"))?.bot_user_id.clone();
        let mut dm = super::world::Channel::new(channel, "", Kind::Im, &bot_user, now);
        dm.members.insert(user.to_owned());
        workspace.channels.insert(channel.to_owned(), dm);
        Ok(())
    }

    /// Makes a channel as a person. Answers its id.
    ///
    /// # Errors
    /// When there is no such workspace, or the name is taken.
    pub fn create_channel(&self, team: &str, user: &str, name: &str, private: bool) -> anyhow::Result<String> {
        let mut world = self.core.world();
        let workspace = world.workspace(team).with_context(|| format!("no workspace {team}"))?;
        anyhow::ensure!(!workspace.name_taken(name), "the name {name} is taken");
        Ok(world.create_channel(team, name, if private { Kind::Private } else { Kind::Public }, user))
    }

    /// Brings somebody into a channel.
    ///
    /// # Errors
    /// When there is no such channel.
    pub fn join_channel(&self, team: &str, channel: &str, user: &str) -> anyhow::Result<()> {
        self.with_channel(team, channel, |world, id| world.join(team, id, user, user))
    }

    /// Connects a channel with another organisation.
    ///
    /// # Errors
    /// When there is no such channel.
    pub fn share_channel(&self, team: &str, channel: &str, other_team: &str) -> anyhow::Result<()> {
        self.with_channel(team, channel, |world, id| world.share(team, id, other_team))
    }

    /// Gives a channel another id and tells the apps, as Slack does when a channel is converted.
    ///
    /// # Errors
    /// When there is no such channel.
    pub fn change_channel_id(&self, team: &str, channel: &str, id: &str) -> anyhow::Result<()> {
        self.with_channel(team, channel, |world, old| world.change_channel_id(team, old, id))
    }

    /// Holds an app to one request a minute and 15 items for history and replies, in every workspace.
    pub fn restrict_history(&self, app_id: &str) {
        for workspace in self.core.world().workspaces.values_mut() {
            if let Some(app) = workspace.apps.get_mut(app_id) {
                app.restricted_history = true;
            }
        }
    }

    /// Takes a scope from a token.
    pub fn take_scope(&self, token: &str, scope: &str) {
        if let Some(credential) = self.core.world().credentials.get_mut(token) {
            credential.scopes.retain(|granted| granted != scope);
        }
    }

    /// Revokes a token and tells its app.
    pub fn revoke_token(&self, token: &str) {
        let mut world = self.core.world();
        let Some(credential) = world.credentials.get_mut(token) else { return };
        credential.revoked = true;
        let Credential { team, app_id, user_id, bot_id, .. } = credential.clone();
        let tokens = if bot_id.is_some() { json!({ "bot": [user_id] }) } else { json!({ "oauth": [user_id] }) };
        world.tell_app(&team, &app_id, "tokens_revoked", json!({ "tokens": tokens }));
    }

    /// Puts a new token in the place of an old one, which then is as good as revoked.
    pub fn replace_token(&self, old: &str, new: &str) {
        let mut world = self.core.world();
        let Some(credential) = world.credentials.get(old).cloned() else { return };
        world.credentials.insert(new.to_owned(), Credential { revoked: false, ..credential });
        if let Some(credential) = world.credentials.get_mut(old) {
            credential.revoked = true;
        }
    }

    /// Removes an app from a workspace: the app is told, its tokens die, its bot leaves every channel.
    pub fn uninstall_app(&self, team: &str, app_id: &str) {
        let mut world = self.core.world();
        world.tell_app(team, app_id, "app_uninstalled", json!({}));
        let gone: BTreeSet<_> = world
            .credentials
            .values_mut()
            .filter(|credential| credential.team == team && credential.app_id == app_id)
            .map(|credential| {
                credential.revoked = true;
                credential.user_id.clone()
            })
            .collect();
        let Some(workspace) = world.workspaces.get_mut(team) else { return };
        let bots: Vec<_> = gone.iter().filter(|user| workspace.app_of_bot(user).is_some()).cloned().collect();
        for channel in workspace.channels.values_mut() {
            channel.members.retain(|member| !bots.contains(member));
        }
    }

    fn in_workspace(&self, team: &str, run: impl FnOnce(&mut Workspace)) -> anyhow::Result<()> {
        let mut world = self.core.world();
        run(world.workspaces.get_mut(team).ok_or_else(|| anyhow!("no workspace {team}"))?);
        Ok(())
    }

    /// Runs something on a channel, named by id or by name, and rings for the events that it caused.
    pub(super) fn with_channel<T>(
        &self,
        team: &str,
        channel: &str,
        run: impl FnOnce(&mut World, &str) -> T,
    ) -> anyhow::Result<T> {
        let mut world = self.core.world();
        let found = world.workspace(team).and_then(|workspace| workspace.find_channel(channel));
        let id = found.with_context(|| format!("no channel {channel} in {team}"))?.id.clone();
        let result = run(&mut world, &id);
        self.core.queued.notify_one();
        Ok(result)
    }
}

impl World {
    /// Tells an app about itself.
    fn tell_app(&mut self, team: &str, app_id: &str, kind: &str, fields: serde_json::Value) {
        let bot_user = self.workspace(team).and_then(|workspace| workspace.apps.get(app_id));
        let Some(bot_user) = bot_user.map(|app| app.bot_user_id.clone()) else { return };
        let mut event = object(json!({ "type": kind }));
        event.extend(object(fields));
        event.insert("event_ts".into(), json!(format!("{}.000100", self.now().as_second())));
        self.emit_to(team, &bot_user, kind, &event);
    }
}
