//! The page of the demo, as a browser uses it: the program itself, over HTTP. What it looks like, `tests/browser` sees.

use std::collections::BTreeMap;
use std::time::Duration;

use megatron::deliver::tls::install_tls;
use megatron::demo::cast::{ACME, HUB, JANE, PHIL, PHILS_DM, RAJ};
use reqwest::{Client, Response, StatusCode};
use serde_json::{Value, json};
use tokio::time::timeout;

use super::demo::Demo;

/// Everything here takes less than a second; a busy machine gets more.
const PATIENCE: Duration = Duration::from_mins(1);

/// A page that somebody has open.
struct Page {
    http: Client,
    address: String,
    stream: Response,
    read: String,
    parts: BTreeMap<(String, String), Value>,
    moves: Vec<Value>,
}

fn start() -> (Demo, String) {
    let demo = Demo::start(&["--listen", "127.0.0.1:0"]);
    let printed = demo.prints_until("in your browser");
    let address = printed.split_whitespace().find(|word| word.starts_with("http://")).unwrap().to_owned();
    (demo, address)
}

fn client() -> Client {
    install_tls();
    Client::builder().no_proxy().build().unwrap()
}

impl Page {
    async fn open(address: &str, agent: &str) -> Self {
        let http = client();
        let stream = http.get(format!("{address}/demo/state?agent={agent}")).send().await.unwrap();
        assert_eq!(stream.headers()["content-type"], "text/event-stream");
        Self {
            http,
            address: address.to_owned(),
            stream,
            read: String::new(),
            parts: BTreeMap::new(),
            moves: Vec::new(),
        }
    }

    /// Reads what is told until this is so.
    async fn until(&mut self, what: &str, is_so: impl Fn(&Self) -> bool) {
        while !is_so(self) {
            let chunk = timeout(PATIENCE, self.stream.chunk()).await;
            let chunk = chunk.unwrap_or_else(|_| panic!("it did not happen that {what}")).unwrap().unwrap();
            self.read.push_str(std::str::from_utf8(&chunk).unwrap());
            while let Some((event, rest)) = self.read.split_once("\n\n") {
                let told: Option<Value> = event.strip_prefix("data: ").map(|data| serde_json::from_str(data).unwrap());
                let rest = rest.to_owned();
                self.read = rest;
                let Some(mut told) = told else { continue };
                let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
                match told["part"].as_str().unwrap() {
                    "move" => self.moves.push(told["value"].take()),
                    part => drop(self.parts.insert((part.to_owned(), text(&told["id"])), told["value"].take())),
                }
            }
        }
    }

    fn part(&self, part: &str) -> &Value {
        self.parts.get(&(part.to_owned(), String::new())).unwrap_or(&Value::Null)
    }

    fn channel(&self, name: &str) -> Option<String> {
        let channels = self.part("channels").as_array()?;
        channels.iter().find(|channel| channel["name"] == name)?["id"].as_str().map(str::to_owned)
    }

    /// Whether somebody wrote something with these words.
    fn shows(messages: &Value, author: &str, words: &str) -> bool {
        let messages = messages["messages"].as_array().into_iter().flatten();
        messages
            .filter(|message| message["author"] == author)
            .any(|message| message["text"].as_str().unwrap().contains(words))
    }

    fn phil_reads(&self, author: &str, words: &str) -> bool {
        Self::shows(self.part("dm"), author, words)
    }

    fn agent_reads(&self, channel: &str, author: &str, words: &str) -> bool {
        let id = self.channel(channel).unwrap_or_default();
        self.parts.get(&("channel".to_owned(), id)).is_some_and(|seen| Self::shows(seen, author, words))
    }

    async fn post(&self, path: &str, body: Value) -> (StatusCode, Value) {
        let response = self.http.post(format!("{}{path}", self.address)).json(&body).send().await.unwrap();
        (response.status(), response.json().await.unwrap())
    }

    async fn acts(&self, act: Value) {
        assert_eq!(self.post("/demo/act", act).await, (StatusCode::OK, json!({})));
    }

    async fn phil_says(&self, text: &str) {
        self.acts(json!({ "team": ACME, "user": PHIL, "do": "say", "channel": PHILS_DM, "text": text })).await;
    }

    async fn jane_types(&self, channel: &str, text: &str) {
        self.acts(json!({ "team": HUB, "user": JANE, "do": "command", "channel": channel, "text": text })).await;
    }

    async fn switch(&self, switches: Value) {
        assert_eq!(self.post("/demo/switches", switches).await.0, StatusCode::OK);
    }
}

#[tokio::test]
async fn the_page_comes_with_the_program_and_loads_nothing_from_elsewhere() {
    let (_demo, address) = start();
    let http = client();
    let index = http.get(&address).send().await.unwrap();
    assert_eq!(index.headers()["content-type"], "text/html; charset=utf-8");
    assert!(index.headers()["content-security-policy"].to_str().unwrap().starts_with("default-src 'self'"));
    let index = index.text().await.unwrap();
    let sources: Vec<&str> = index.split('"').filter(|text| text.contains("/demo/page/")).collect();
    assert!(!sources.is_empty(), "{index}");
    for source in sources {
        let file = http.get(format!("{address}{source}")).send().await.unwrap();
        assert_eq!(file.status(), StatusCode::OK, "{source}");
    }
    assert_eq!(
        http.get(format!("{address}/demo/page/nothing.js")).send().await.unwrap().status(),
        StatusCode::NOT_FOUND
    );
    assert_eq!(
        http.get(format!("{address}/healthz")).send().await.unwrap().status(),
        StatusCode::OK,
        "the service is there too"
    );
}

#[tokio::test]
async fn a_visitor_takes_over_phils_conversation_and_another_agent_sees_it() {
    let (mut demo, address) = start();
    let mut page = Page::open(&address, JANE).await;
    page.phil_says("Hi! My expense EXP-1042 is stuck.").await;
    page.until("the bot answers", |page| page.phil_reads("Expense Bot", "Shall I remind Dana")).await;
    page.until("Phil has a card in #triage", |page| page.agent_reads("triage", "Megatron", "*Phil* of *Acme*")).await;
    page.jane_types("support", "open phil").await;
    page.until("the room shows what was said", |page| page.agent_reads("cs-phil", "Phil", "EXP-1042")).await;
    page.jane_types("cs-phil", "pause").await;
    page.until("Phil is told of Jane", |page| page.phil_reads("Expense Bot", "Jane from Initech")).await;
    let room = page.channel("cs-phil").unwrap();
    page.until("control is shown", |page| {
        let control = &page.part("control")[0];
        control["holder"] == "human" && control["customer"] == PHIL && control["room"] == *room
    })
    .await;
    page.until("the callback is shown", |page| {
        page.moves.iter().any(|moved| moved["what"] == "conversation.paused" && moved["to"] == "bot")
    })
    .await;
    page.acts(json!({ "team": HUB, "user": JANE, "do": "say", "channel": room, "text": "Jane here." })).await;
    page.until("Phil reads Jane", |page| page.phil_reads("Expense Bot", "Jane here.")).await;

    let mut rajs = Page::open(&address, RAJ).await;
    rajs.until("Raj has the whole page", |page| !page.part("switches").is_null()).await;
    assert!(rajs.agent_reads("triage", "Megatron", "*Phil* of *Acme*"));
    assert_eq!(rajs.channel("cs-phil"), None, "a private room is for those who are in it");
    assert!(demo.stops().success());
}

#[tokio::test]
async fn the_bot_that_is_stuck_three_times_gets_phil_a_human() {
    let (_demo, address) = start();
    let mut page = Page::open(&address, JANE).await;
    page.phil_says("My expense EXP-1042 is stuck.").await;
    page.until("the bot asks", |page| page.phil_reads("Expense Bot", "Shall I remind Dana")).await;
    for (words, answer) in
        [("Dana left.", "I did not"), ("She is gone!", "I still do not"), ("Hm.", "asked somebody at Initech")]
    {
        page.phil_says(words).await;
        page.until(answer, |page| page.phil_reads("Expense Bot", answer)).await;
    }
    page.until("there is a card in #helpdesk", |page| page.agent_reads("helpdesk", "Megatron", "Phil")).await;
}

#[tokio::test]
async fn nothing_is_lost_while_a_part_is_down() {
    let (_demo, address) = start();
    let mut page = Page::open(&address, JANE).await;
    page.phil_says("Hello").await;
    page.until("the bot answers", |page| page.phil_reads("Expense Bot", "Hello!")).await;
    page.jane_types("support", "open phil").await;
    page.until("there is a room", |page| page.agent_reads("cs-phil", "Phil", "Hello")).await;

    page.switch(json!({ "service": "stopped" })).await;
    page.phil_says("while the service is down").await;
    page.jane_types("cs-phil", "pause").await;
    page.until("Jane is told", |page| page.agent_reads("cs-phil", "USLACKBOT", "dispatch_failed")).await;
    page.switch(json!({ "service": "running" })).await;
    page.until("the room shows it", |page| page.agent_reads("cs-phil", "Phil", "while the service")).await;

    page.switch(json!({ "slack": "limited" })).await;
    page.phil_says("while Slack takes nothing").await;
    page.until("a lane is filled", |page| page.part("lanes").as_array().is_some_and(|lanes| !lanes.is_empty())).await;
    page.switch(json!({ "slack": "ok" })).await;
    page.until("the room shows it", |page| page.agent_reads("cs-phil", "Phil", "while Slack")).await;

    page.switch(json!({ "bot": "down" })).await;
    page.phil_says("while the bot is down").await;
    page.until("the bot has not taken it", |page| {
        page.moves.iter().any(|moved| moved["to"] == "bot" && moved["status"] == 503)
    })
    .await;
    page.switch(json!({ "bot": "ok" })).await;
    page.until("the bot answers", |page| page.agent_reads("cs-phil", "Phil", "while the bot is down")).await;
    let all_is_well = json!({ "slack": "ok", "bot": "ok", "service": "running" });
    page.until("all switches stand as before", |page| *page.part("switches") == all_is_well).await;
}

#[tokio::test]
async fn what_cannot_be_done_is_said() {
    let (_demo, address) = start();
    let page = Page::open(&address, JANE).await;
    let said = page
        .post("/demo/act", json!({ "team": HUB, "user": JANE, "do": "say", "channel": "C0NONE", "text": "x" }))
        .await;
    assert_eq!(said, (StatusCode::UNPROCESSABLE_ENTITY, json!({ "error": format!("no channel C0NONE in {HUB}") })));
    let (status, answer) = page.post("/demo/act", json!({ "team": HUB, "user": JANE, "do": "fly" })).await;
    assert_eq!(status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(answer["error"].as_str().unwrap().contains("unknown variant `fly`"), "{answer}");
}
