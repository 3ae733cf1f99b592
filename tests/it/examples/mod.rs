//! The bots of `examples/`, each as its own process, on a story that needs all of them. Time is real here: every wait is for
//! something to happen, and bounded.

mod ledger;
mod process;
mod rasa;
mod stage;
mod story;

use std::path::{Path, PathBuf};
use std::process::Command;

use crate::support::{node, venv};
use process::{Process, free_port};
use rasa::Rasa;
use stage::Stage;

const BOLT: &str = "flask, requests, slack_bolt, standardwebhooks";

#[tokio::test(flavor = "multi_thread")]
async fn the_bot_in_python_works_with_people() {
    let Some(python) = with_packages("bolt-python", BOLT).await else { return };
    let stage = Stage::set(move || {
        let mut command = Command::new(&python);
        command.arg("bot.py").current_dir(folder("bolt-python"));
        command
    });
    story::play(&mut stage.await).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_bot_in_javascript_works_with_people() {
    let home = tokio::task::spawn_blocking(|| node::package(&folder("bolt-javascript")));
    let Some(home) = home.await.unwrap() else { return };
    let stage = Stage::set(move || {
        let mut command = Command::new("node");
        command.arg("bot.js").current_dir(&home);
        command
    });
    story::play(&mut stage.await).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_bot_that_rasa_understands_for_works_with_people() {
    let Some(python) = with_packages("rasa", &format!("{BOLT}, rasa_sdk")).await else { return };
    let port = free_port().await;
    let rasa = Rasa::start(port).await;
    let run = move |module: &str| {
        let mut command = Command::new(&python);
        command.args(["-m", module]).current_dir(folder("rasa")).env("PYTHONPATH", folder("bolt-python"));
        command
    };
    let (bot, address) = (run.clone(), rasa.url().to_string());
    let mut stage = Stage::set(move || {
        let mut command = bot("bot");
        command.env("RASA", &address);
        command
    })
    .await;
    rasa.asks(stage.ledger.clone());
    let mut actions = run("rasa_sdk");
    actions.args(["--actions", "actions", "--port", &port.to_string()]);
    let actions = Process::start(actions, &stage.variables());
    actions.answers(&format!("http://127.0.0.1:{port}/health")).await;
    story::play(&mut stage).await;
}

/// Python with what an example lists.
async fn with_packages(example: &'static str, modules: &str) -> Option<PathBuf> {
    let modules = modules.to_owned();
    let requirements = folder(example).join("requirements.txt");
    tokio::task::spawn_blocking(move || venv::interpreter(example, &requirements, &modules)).await.unwrap()
}

fn folder(example: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("examples").join(example)
}
