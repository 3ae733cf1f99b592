//! The page of an app: people open it, and see what the app has published for them.
//!
//! <https://docs.slack.dev/surfaces/app-home>

use serde_json::{Value, json};

use super::Simulator;
use super::interactions::Spot;
use super::world::{Kind, World, object};

impl Simulator {
    /// A person opens a tab of the app's page: `home` or `messages`.
    pub fn open_app_home(&self, team: &str, user: &str, app_id: &str, tab: &str) {
        let mut world = self.core.world();
        let app = world.workspace(team).and_then(|workspace| workspace.apps.get(app_id));
        let Some(bot_user) = app.map(|app| app.bot_user_id.clone()) else { return };
        let mut event = object(json!({
            "type": "app_home_opened", "user": user, "channel": world.dm_with(team, user, &bot_user), "tab": tab,
            "event_ts": format!("{}.000100", world.now().as_second()),
        }));
        let mut views = world.surfaces.views.values().filter(|view| view.team == team && view.user == user);
        if let Some(view) = views.find(|view| tab == "home" && view.body["type"] == "home" && view.app_id == app_id) {
            event.insert("view".into(), view.body.clone());
        }
        world.emit_to(team, &bot_user, "app_home_opened", &event);
        self.core.queued.notify_one();
    }

    /// The Home tab that was published for a person last.
    #[must_use]
    pub fn home(&self, team: &str, user: &str) -> Option<Value> {
        self.views(team, user, "home").pop()
    }

    /// Where a person clicks on their Home tab.
    #[must_use]
    pub fn home_spot(&self, team: &str, user: &str) -> Option<Spot> {
        Some(Spot::View(self.home(team, user)?["id"].as_str()?.to_owned()))
    }

    /// What a person reads on their Home tab: a line for each block, `[...]` for what can be pressed.
    #[must_use]
    pub fn home_lines(&self, team: &str, user: &str) -> Vec<String> {
        let home = self.home(team, user).unwrap_or_default();
        let blocks = home["blocks"].as_array().into_iter().flatten();
        blocks.filter(|block| block["type"] != "divider").map(line).collect()
    }
}

impl World {
    /// The DM of a person with a bot user, which begins when they open the app's page first.
    fn dm_with(&mut self, team: &str, user: &str, bot_user: &str) -> String {
        if let Some(dm) = self.workspace(team).and_then(|workspace| workspace.dm(user, bot_user)) {
            return dm.id.clone();
        }
        let id = self.create_channel(team, "", Kind::Im, user);
        if let Some(dm) = self.channel_mut(team, &id) {
            dm.members.extend([user.to_owned(), bot_user.to_owned()]);
        }
        id
    }
}

fn line(block: &Value) -> String {
    let elements = block["elements"].as_array().into_iter().flatten();
    let parts = [&block["text"], &block["accessory"]].into_iter().chain(elements).filter_map(|part| {
        let text = part["text"].as_str().map(str::to_owned);
        let label = part["text"]["text"].as_str().or(part["placeholder"]["text"].as_str());
        text.or_else(|| label.map(|label| format!("[{label}]")))
    });
    parts.collect::<Vec<_>>().join(" ")
}
