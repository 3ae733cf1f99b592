//! A second opinion on `/openapi.json`: Schemathesis makes requests of it, right and wrong ones, and holds the answers against it.

use std::process::Command;

use megatron::demo::cast::API_KEY;

use crate::support::house::House;
use crate::support::venv::{interpreter, script};

/// Requests of each kind for each operation, where `MEGATRON_TEST_EXAMPLES` does not say.
const EXAMPLES: &str = "8";

#[tokio::test(flavor = "multi_thread")]
#[allow(clippy::print_stdout, reason = "what was tried")]
#[allow(clippy::disallowed_methods, reason = "tests are set up by the environment")]
async fn every_answer_is_as_the_interface_is_described() {
    let packages = || interpreter("schemathesis", &script("schemathesis.txt"), "schemathesis");
    let Some(python) = tokio::task::spawn_blocking(packages).await.unwrap() else { return };
    let house = House::on_sqlite().await;
    house.with_open_room().await;

    let examples = std::env::var("MEGATRON_TEST_EXAMPLES").unwrap_or_else(|_| EXAMPLES.to_owned());
    let mut command = Command::new(python.with_file_name("st"));
    command.arg("--config-file").arg(script("schemathesis.toml"));
    command.args(["run", house.url.join("openapi.json").unwrap().as_str()]);
    command.args(["--header", &format!("Authorization: Bearer {API_KEY}"), "--max-examples", &examples]);
    // What is right by the description may still be refused, such as an Idempotency-Key with another body.
    command.args([
        "--exclude-checks",
        "positive_data_acceptance",
        "--continue-on-failure",
        "--no-color",
        "--no-shrink",
    ]);
    command.arg("--generation-deterministic");
    let folder = tempfile::TempDir::new().unwrap();
    command.current_dir(folder.path());
    let output = tokio::task::spawn_blocking(move || command.output()).await.unwrap().unwrap();
    let said = String::from_utf8_lossy(&output.stdout);
    assert!(output.status.success(), "{said}\n{}", String::from_utf8_lossy(&output.stderr));
    println!(
        "{}",
        said.lines().filter(|line| line.contains("generated") || line.starts_with("Seed")).collect::<String>()
    );
}
