//! Dialogs, as people fill them in.

use megatron::demo::cast::HUB;
use serde_json::{Map, Value, json};

use super::house::House;

impl House {
    /// The dialog that this person sees: the topmost.
    pub(crate) fn dialog(&self, user: &str) -> Value {
        self.slack.modals(HUB, user).pop().expect("a dialog")
    }

    /// Fills fields of the dialog in, and sends it; the other fields are as they were shown.
    pub(crate) async fn sends(&self, user: &str, fields: Value) {
        let dialog = self.dialog(user);
        let mut values = Map::new();
        for block in dialog["blocks"].as_array().unwrap().iter().filter(|block| block["type"] == "input") {
            let (field, element) = (block["block_id"].as_str().unwrap(), &block["element"]);
            let given = fields.get(field);
            let kind = element["type"].as_str().unwrap();
            let state = match kind {
                "plain_text_input" => json!({ "type": kind, "value": given.unwrap_or(&element["initial_value"]) }),
                "conversations_select" => {
                    json!({ "type": kind, "selected_conversation": given.unwrap_or(&element["initial_conversation"]) })
                }
                "multi_users_select" => {
                    let users = given.cloned().unwrap_or_else(|| element["initial_users"].clone());
                    json!({ "type": kind, "selected_users": if users.is_null() { json!([]) } else { users } })
                }
                "checkboxes" => {
                    let initial = if element["initial_options"].is_null() {
                        json!([])
                    } else {
                        element["initial_options"].clone()
                    };
                    let chosen = match given {
                        Some(on) => {
                            if *on == true {
                                element["options"].clone()
                            } else {
                                json!([])
                            }
                        }
                        None => initial,
                    };
                    json!({ "type": kind, "selected_options": chosen })
                }
                "multi_static_select" => {
                    let of = |given: &Value| {
                        let options = element["options"].as_array().unwrap().iter();
                        let wanted = |option: &&Value| given.as_array().unwrap().contains(&option["value"]);
                        json!(options.filter(wanted).collect::<Vec<_>>())
                    };
                    let initial = || Some(element["initial_options"].clone()).filter(Value::is_array);
                    let chosen = given.map(of).or_else(initial).unwrap_or_else(|| json!([]));
                    json!({ "type": kind, "selected_options": chosen })
                }
                _ => {
                    let of = |value: &Value| {
                        let groups = element["option_groups"].as_array().into_iter().flatten();
                        let grouped = groups.flat_map(|group| group["options"].as_array().unwrap());
                        let mut options = element["options"].as_array().into_iter().flatten().chain(grouped);
                        options.find(|option| option["value"] == *value).cloned().expect("an option")
                    };
                    let chosen = given.map_or_else(|| element["initial_option"].clone(), of);
                    json!({ "type": kind, "selected_option": chosen })
                }
            };
            values.insert(field.to_owned(), json!({ element["action_id"].as_str().unwrap(): state }));
        }
        for field in fields.as_object().unwrap().keys() {
            assert!(values.contains_key(field), "{field} is not in {dialog}");
        }
        let view = dialog["id"].as_str().unwrap();
        let answer = self.slack.submit_view(HUB, user, view, Value::Object(values)).await.unwrap();
        assert_eq!(answer.status, 200, "{answer:?}");
        self.settle().await;
    }

    /// What stands in the dialog.
    pub(crate) fn reads(&self, user: &str) -> String {
        let blocks = self.dialog(user)["blocks"].clone();
        let text = |block: &Value| {
            let text = block["text"]["text"].as_str().or(block["elements"][0]["text"].as_str());
            text.unwrap_or_default().to_owned()
        };
        blocks.as_array().unwrap().iter().map(text).filter(|text| !text.is_empty()).collect::<Vec<_>>().join("\n")
    }

    /// Closes the dialog.
    pub(crate) async fn closes(&self, user: &str) {
        let view = self.dialog(user);
        self.slack.close_view(HUB, user, view["id"].as_str().unwrap()).await.unwrap();
    }

    /// Uses a shortcut on the newest message in a channel.
    pub(crate) async fn uses(&self, user: &str, channel: &str, shortcut: &str) {
        let newest = self.slack.history(HUB, channel).pop().expect("a message");
        let answer = self.slack.message_shortcut(HUB, user, channel, &newest.ts, shortcut).await.unwrap();
        assert_eq!(answer.status, 200, "{answer:?}");
        self.settle().await;
    }
}
