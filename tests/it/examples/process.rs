//! A process of an example.

use std::io::{BufRead as _, BufReader, Read};
use std::process::{Child, Command, Stdio};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use reqwest::Client;
use tokio::time::{sleep, timeout};
use url::Url;

/// More than anything here should take.
pub(super) const PATIENCE: Duration = Duration::from_secs(30);

/// A running process, killed when it is dropped.
pub(super) struct Process {
    child: Child,
    printed: Arc<Mutex<String>>,
}

impl Process {
    /// Starts it with these variables and no others than it has.
    pub(super) fn start(mut command: Command, variables: &[(&str, String)]) -> Self {
        command.envs(variables.iter().map(|(name, value)| (name, value)));
        // Interpreters print at once, and leave nothing behind.
        command.env("PYTHONUNBUFFERED", "1").env("PYTHONDONTWRITEBYTECODE", "1").env("NO_PROXY", "*");
        command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
        let mut child = command.spawn().unwrap();
        let printed = Arc::<Mutex<String>>::default();
        keep(child.stdout.take().unwrap(), &printed);
        keep(child.stderr.take().unwrap(), &printed);
        Self { child, printed }
    }

    /// Where it says that it listens.
    pub(super) async fn address(&mut self) -> Url {
        let said = async {
            loop {
                let printed = self.printed.lock().unwrap().clone();
                let address = printed.split_whitespace().find(|word| word.starts_with("http://127.0.0.1:"));
                // A whole line, so a whole address.
                if let Some(address) = address {
                    return address.parse().unwrap();
                }
                assert!(self.child.try_wait().unwrap().is_none(), "it has ended: {printed}");
                sleep(Duration::from_millis(10)).await;
            }
        };
        timeout(PATIENCE, said).await.expect("an address")
    }

    /// Waits until something answers there.
    pub(super) async fn answers(&self, url: &str) {
        let http = Client::builder().no_proxy().build().unwrap();
        let up = async {
            while http.get(url).send().await.is_err() {
                sleep(Duration::from_millis(20)).await;
            }
        };
        timeout(PATIENCE, up).await.unwrap_or_else(|_| panic!("nothing at {url}: {}", self.printed()));
    }

    /// What it has printed.
    pub(super) fn printed(&self) -> String {
        self.printed.lock().unwrap().clone()
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// A port that nothing listens at.
pub(super) async fn free_port() -> u16 {
    tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap().local_addr().unwrap().port()
}

fn keep(output: impl Read + Send + 'static, printed: &Arc<Mutex<String>>) {
    let printed = Arc::clone(printed);
    std::thread::spawn(move || {
        for line in BufReader::new(output).lines().map_while(Result::ok) {
            let mut printed = printed.lock().unwrap();
            printed.push_str(&line);
            printed.push('\n');
        }
    });
}
