//! Keeps what the service sent to Slack, for the check against the types of Slack's own library (`tests/types`).

use std::collections::BTreeSet;
use std::path::Path;

use megatron::deliver::method::{Arguments, Method};
use megatron::simulator::{Call, Simulator};
use serde_json::json;

/// When it is dropped, all calls of the Web API that this Slack has taken go to the folder that `MEGATRON_TEST_CALLS`
/// names: a file for each test, in it a line of JSON for each body. Without the variable nothing is kept.
pub(crate) struct Record(pub(crate) Simulator);

impl Drop for Record {
    #[allow(clippy::disallowed_methods, reason = "tests are set up by the environment")]
    fn drop(&mut self) {
        let Some(folder) = std::env::var_os("MEGATRON_TEST_CALLS") else { return };
        let lines: BTreeSet<String> = self.0.calls().iter().filter_map(line).collect();
        let file = Path::new(&folder).join(format!("{:016x}.jsonl", getrandom::u64().unwrap()));
        let written = std::fs::write(&file, String::from_iter(lines));
        // A second panic would hide the first.
        assert!(written.is_ok() || std::thread::panicking(), "{}: {written:?}", file.display());
    }
}

/// A call of the Web API; none for a response URL, which takes no arguments of a method.
fn line(call: &Call) -> Option<String> {
    let encoding = match Method::named(&call.method)?.arguments() {
        Arguments::Json => "json",
        Arguments::Query => "query",
    };
    let body = json!({ "method": call.method, "encoding": encoding, "arguments": call.args });
    Some(format!("{body}\n"))
}
