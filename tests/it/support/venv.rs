//! Python, with packages that are installed once under the target folder.

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

/// Python with the packages of `tests/python/<name>.txt`, which give these `modules`. None where that cannot be done, which is
/// a failure when `CI` is set.
#[allow(clippy::print_stdout, reason = "a skipped test says so")]
#[allow(clippy::disallowed_methods, reason = "CI decides about skipping")]
pub(crate) fn interpreter(name: &str, modules: &str) -> Option<PathBuf> {
    let home = Path::new(env!("CARGO_TARGET_TMPDIR")).parent().unwrap().join(format!("{name}-venv"));
    let python = home.join("bin/python");
    let ready =
        |python: &Path| Command::new(python).args(["-c", &format!("import {modules}")]).stderr(Stdio::null()).status();
    if ready(&python).is_ok_and(|status| status.success()) {
        return Some(python);
    }
    let packages = script(&format!("{name}.txt"));
    let made = run(Command::new("python3").args(["-m", "venv"]).arg(&home))
        .and_then(|()| run(Command::new(&python).args(["-m", "pip", "install", "--quiet", "-r"]).arg(packages)));
    match made {
        Ok(()) => Some(python),
        Err(reason) if std::env::var_os("CI").is_some() => panic!("no Python packages: {reason}"),
        Err(reason) => {
            println!("skipped: no Python packages: {}", reason.lines().last().unwrap_or_default());
            None
        }
    }
}

/// A file of `tests/python`.
pub(crate) fn script(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/python").join(name)
}

fn run(command: &mut Command) -> Result<(), String> {
    let output = command.output().map_err(|error| error.to_string())?;
    if output.status.success() { Ok(()) } else { Err(String::from_utf8_lossy(&output.stderr).into_owned()) }
}
