//! The app's Home, as agents see it and click on it.

use megatron::demo::cast::{HUB, HUB_APP};
use serde_json::Value;

use super::house::House;

impl House {
    /// Somebody opens the app's Home.
    pub(crate) async fn opens_home(&self, user: &str) {
        self.slack.open_app_home(HUB, user, HUB_APP, "home");
        self.settle().await;
    }

    /// What somebody reads on their Home, below the search.
    pub(crate) fn home(&self, user: &str) -> Vec<String> {
        self.slack.home_lines(HUB, user).split_off(1)
    }

    /// The headings on somebody's Home, each with the names of the customers below it.
    pub(crate) fn home_parts(&self, user: &str) -> Vec<String> {
        let home = self.slack.home(HUB, user).expect("a Home");
        let mut parts: Vec<String> = Vec::new();
        for block in home["blocks"].as_array().unwrap() {
            let text = block["text"]["text"].as_str().unwrap_or_default();
            if block["type"] == "header" {
                parts.push(format!("{text}:"));
            } else if let (Some(part), Some((name, _))) = (parts.last_mut(), text.split_once("*: ")) {
                part.push_str(&name.replace('*', " "));
            }
        }
        parts
    }

    /// What the buttons below a customer on somebody's Home say.
    pub(crate) fn home_buttons(&self, user: &str, customer: &str) -> Vec<String> {
        let elements = self.home_elements(user, customer);
        elements.iter().map(|element| element["text"]["text"].as_str().unwrap().to_owned()).collect()
    }

    /// Presses a button below a customer on their Home.
    pub(crate) async fn presses_at_home(&self, user: &str, customer: &str, label: &str) {
        let elements = self.home_elements(user, customer);
        let button = elements.iter().find(|element| element["text"]["text"] == label).expect("a button");
        let spot = self.slack.home_spot(HUB, user).unwrap();
        let id = button["action_id"].as_str().unwrap();
        let answer = self.slack.click(HUB, user, &spot, id).await.unwrap();
        assert_eq!(answer.status, 200, "{answer:?}");
        self.settle().await;
    }

    /// Types into the search on their Home: the labels and values that they are offered.
    pub(crate) async fn searches_at_home(&self, user: &str, query: &str) -> Vec<(String, String)> {
        let spot = self.slack.home_spot(HUB, user).expect("a Home");
        let answer = self.slack.type_in_select(HUB, user, &spot, "megatron.choose_customer", query).await.unwrap();
        let text = |value: &Value| value.as_str().unwrap().to_owned();
        let options = answer["options"].as_array().unwrap().iter();
        options.map(|option| (text(&option["text"]["text"]), text(&option["value"]))).collect()
    }

    /// Chooses what they were offered on their Home.
    pub(crate) async fn chooses_at_home(&self, user: &str, value: &str) {
        let spot = self.slack.home_spot(HUB, user).expect("a Home");
        let answer = self.slack.choose(HUB, user, &spot, "megatron.choose_customer", value).await.unwrap();
        assert_eq!(answer.status, 200, "{answer:?}");
        self.settle().await;
    }

    /// How often somebody was shown their Home so far.
    pub(crate) fn times_shown_home(&self, user: &str) -> usize {
        let calls = self.slack.calls();
        calls.iter().filter(|call| call.method == "views.publish" && call.args["user_id"] == user).count()
    }

    fn home_elements(&self, user: &str, customer: &str) -> Vec<Value> {
        let home = self.slack.home(HUB, user).expect("a Home");
        let mut blocks = home["blocks"].as_array().unwrap().iter();
        let named = format!("*{customer}*");
        blocks
            .find(|block| block["text"]["text"].as_str().is_some_and(|text| text.contains(&named)))
            .expect("the customer");
        blocks.next().unwrap()["elements"].as_array().unwrap().clone()
    }
}
