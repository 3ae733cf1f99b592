//! Menus that ask the app for their options while a person types.
//!
//! <https://docs.slack.dev/reference/block-kit/block-elements/select-menu-element#external_select>

use anyhow::{anyhow, ensure};
use serde_json::{Value, json};

use super::Simulator;
use super::blocks::check_options;
use super::delivery::Parcel;
use super::interactions::{Spot, answer_of};
use super::world::{World, object};

/// Characters from which on a menu asks, where it does not say.
const MIN_QUERY: u64 = 3;

impl Simulator {
    /// A person types into a menu that asks for its options. Answers the `options` or `option_groups` as the app gave them;
    /// the person can choose from them.
    ///
    /// # Errors
    /// When there is no such menu, it does not ask for so few characters, or Slack would show nothing of the answer.
    pub async fn type_in_select(
        &self,
        team: &str,
        user: &str,
        spot: &Spot,
        action_id: &str,
        query: &str,
    ) -> anyhow::Result<Value> {
        let (app, mut payload, block, element) = self.at(team, user, spot, action_id, "block_suggestion")?;
        let kind = element["type"].as_str().unwrap_or_default();
        ensure!(kind.ends_with("external_select"), "{action_id} is a {kind}, which does not ask for its options");
        let least = element["min_query_length"].as_u64().unwrap_or(MIN_QUERY);
        ensure!(query.chars().count() as u64 >= least, "{action_id} asks from {least} characters on");
        payload.extend(object(json!({ "action_id": action_id, "block_id": block["block_id"], "value": query })));
        payload.shift_remove("trigger_id");
        let answer = answer_of(&self.core.send(team, Parcel::options(&app, payload)).await);
        ensure!(answer.status == 200, "no options: status {}", answer.status);
        check_options(&answer.body).map_err(|refusal| anyhow!("Slack would show no options: {}", refusal.answer()))?;
        self.core.world().offer(team, user, action_id, &answer.body);
        Ok(answer.body)
    }
}

impl World {
    /// What this person was offered in a menu so far.
    pub(super) fn offered(&self, team: &str, user: &str, action_id: &str) -> &[Value] {
        self.surfaces.offered.get(&[team, user, action_id].map(str::to_owned)).map_or(&[], Vec::as_slice)
    }

    fn offer(&mut self, team: &str, user: &str, action_id: &str, answer: &Value) {
        let groups = answer["option_groups"].as_array().into_iter().flatten().map(|group| &group["options"]);
        let options = [&answer["options"]].into_iter().chain(groups).filter_map(Value::as_array).flatten();
        let offered = self.surfaces.offered.entry([team, user, action_id].map(str::to_owned)).or_default();
        offered.extend(options.cloned());
    }
}
