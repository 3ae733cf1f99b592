//! The first thing a stranger sees: the program itself, `megatron demo`.

use std::io::{BufRead as _, BufReader};
use std::process::{Child, Command, ExitStatus, Output, Stdio};
use std::sync::mpsc;
use std::time::Duration;

/// The story and the start of everything take less than a second; a busy machine gets more.
const PATIENCE: Duration = Duration::from_mins(1);

#[test]
fn the_demo_plays_phils_story_and_ends() {
    let mut demo = Demo::start(&["--listen", "127.0.0.1:0", "--story"]);
    let (story, status) = demo.ends();
    assert!(status.success(), "{story}");
    for line in [
        "── 1. Phil asks Expense Bot for help ───────────────────────────────────────────",
        "                                       │ Megatron: Opening a room for Phil …",
        "Phil: But nobody can approve it then!  │ Phil: But nobody can approve it then!",
        "                                       │ ▎ ✅ Expense Bot knows.",
        "(Expense Bot has heard it, and leaves  │",
        "Expense Bot: Hi Phil, Jane here. I am  │ Jane: Hi Phil, Jane here. I am looking",
        "                                       │ ↳ Jane: Note for us: his approver left,",
        "(The note is not here.)                │",
        "                                       │ (The room is archived.)",
        "Expense Bot: Hotels: up to 180 € a     │",
    ] {
        assert!(story.lines().any(|printed| printed == line), "{line}\nis missing in\n{story}");
    }
    assert!(!story.contains('\x1b'), "colours are for terminals");
    assert!(!story.contains("WARN") && !story.contains("ERROR"), "{story}");
}

#[test]
#[allow(clippy::print_stderr, reason = "a skipped test says so")]
fn the_commands_that_the_demo_prints_work_as_they_are() {
    if !shell("command -v curl && command -v openssl").status.success() {
        eprintln!("skipped: curl and openssl are not both here");
        return;
    }
    let mut demo = Demo::start(&["--listen", "127.0.0.1:0"]);
    let printed = demo.prints_until("X-Slack-Signature");
    let (_, guide) = printed.split_once("\n\n# ").unwrap();
    let answers: Vec<String> = guide
        .split("\n\n# ")
        .map(|entry| {
            let (_, command) = entry.split_once('\n').unwrap();
            let output = shell(&command.replace("curl ", "curl --silent --show-error --noproxy '*' "));
            assert!(output.status.success(), "{command}\n{}", String::from_utf8_lossy(&output.stderr));
            String::from_utf8(output.stdout).unwrap()
        })
        .collect();
    let [said, handoff, slack] = &answers[..] else { panic!("{answers:#?}") };
    assert!(said.contains(r#""watched":false,"duplicate":false,"control":{"holder":"bot","paused":false"#), "{said}");
    assert!(handoff.contains(r#""queue":"support""#) && handoff.contains(r#""state":"requested""#), "{handoff}");
    assert!(slack.contains("waits for a human"), "{slack}");
    assert!(demo.stops().success());
}

#[test]
fn an_address_that_is_taken_is_named() {
    let taken = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let address = taken.local_addr().unwrap().to_string();
    let output = Command::new(env!("CARGO_BIN_EXE_megatron")).args(["demo", "--listen", &address]).output().unwrap();
    assert_eq!(output.status.code(), Some(1));
    let said = String::from_utf8(output.stderr).unwrap();
    assert!(
        said.starts_with(&format!("error: cannot listen on {address}; choose another address with --listen")),
        "{said}"
    );
}

/// The running program. Its input is not a terminal, nor is its output.
pub(super) struct Demo {
    process: Child,
    lines: mpsc::Receiver<String>,
}

impl Demo {
    pub(super) fn start(arguments: &[&str]) -> Self {
        let mut process = Command::new(env!("CARGO_BIN_EXE_megatron"))
            .arg("demo")
            .args(arguments)
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let output = BufReader::new(process.stdout.take().unwrap());
        let (sender, lines) = mpsc::channel();
        std::thread::spawn(move || output.lines().map_while(Result::ok).try_for_each(|line| sender.send(line)));
        Self { process, lines }
    }

    /// What it prints, up to a line with these words.
    pub(super) fn prints_until(&self, words: &str) -> String {
        let mut printed = String::new();
        loop {
            match self.lines.recv_timeout(PATIENCE) {
                Ok(line) => {
                    printed = printed + &line + "\n";
                    if line.contains(words) {
                        return printed;
                    }
                }
                Err(error) => panic!("{error} after\n{printed}"),
            }
        }
    }

    /// What it prints before it ends, and how it ends.
    fn ends(&mut self) -> (String, ExitStatus) {
        let mut printed = String::new();
        loop {
            match self.lines.recv_timeout(PATIENCE) {
                Ok(line) => printed = printed + &line + "\n",
                Err(mpsc::RecvTimeoutError::Disconnected) => return (printed, self.process.wait().unwrap()),
                Err(error) => panic!("{error} after\n{printed}"),
            }
        }
    }

    /// How it ends when it is told to.
    pub(super) fn stops(&mut self) -> ExitStatus {
        assert!(self.process.try_wait().unwrap().is_none(), "it stays up");
        assert!(shell(&format!("kill -TERM {}", self.process.id())).status.success());
        self.ends().1
    }
}

impl Drop for Demo {
    fn drop(&mut self) {
        // It has ended, unless the test has failed.
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

fn shell(script: &str) -> Output {
    Command::new("sh").args(["-c", script]).output().unwrap()
}
