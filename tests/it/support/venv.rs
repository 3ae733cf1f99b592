//! Python, with packages that are installed once under the target folder.

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

/// Python with the packages that `requirements` lists, in a folder of this `name`; they give these `modules`. None where that
/// cannot be done, which is a failure when `CI` is set.
pub(crate) fn interpreter(name: &str, requirements: &Path, modules: &str) -> Option<PathBuf> {
    let home = Path::new(env!("CARGO_TARGET_TMPDIR")).parent().unwrap().join(format!("{name}-venv"));
    let python = home.join("bin/python");
    let ready =
        |python: &Path| Command::new(python).args(["-c", &format!("import {modules}")]).stderr(Stdio::null()).status();
    if ready(&python).is_ok_and(|status| status.success()) {
        return Some(python);
    }
    let made = run(Command::new("python3").args(["-m", "venv"]).arg(&home))
        .and_then(|()| run(Command::new(&python).args(["-m", "pip", "install", "--quiet", "-r"]).arg(requirements)));
    had("Python", made).map(|()| python)
}

/// A file of `tests/python`.
pub(crate) fn script(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/python").join(name)
}

/// Nothing where packages cannot be had, and a line that says so; a failure when `CI` is set.
#[allow(clippy::print_stdout, reason = "a skipped test says so")]
#[allow(clippy::disallowed_methods, reason = "CI decides about skipping")]
pub(super) fn had(whose: &str, made: Result<(), String>) -> Option<()> {
    match made {
        Ok(()) => Some(()),
        Err(reason) if std::env::var_os("CI").is_some() => panic!("no packages of {whose}: {reason}"),
        Err(reason) => {
            println!("skipped: no packages of {whose}: {}", reason.lines().last().unwrap_or_default());
            None
        }
    }
}

pub(super) fn run(command: &mut Command) -> Result<(), String> {
    let output = command.output().map_err(|error| error.to_string())?;
    if output.status.success() { Ok(()) } else { Err(String::from_utf8_lossy(&output.stderr).into_owned()) }
}
