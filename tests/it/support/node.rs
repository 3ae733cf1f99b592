//! Node, with packages that are installed once under the target folder.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use super::venv::{had, run};

/// The files of a folder of this repository, copied to one that has the packages of its `package-lock.json`. None where that
/// cannot be done, which is a failure when `CI` is set.
pub(crate) fn package(folder: &Path) -> Option<PathBuf> {
    let name = folder.file_name().unwrap();
    let home = Path::new(env!("CARGO_TARGET_TMPDIR")).parent().unwrap().join(name);
    fs::create_dir_all(&home).unwrap();
    for file in fs::read_dir(folder).unwrap().map(|file| file.unwrap().path()).filter(|path| path.is_file()) {
        fs::copy(&file, home.join(file.file_name().unwrap())).unwrap();
    }
    // Written when all packages are there.
    let (stamp, lock) = (home.join("installed"), fs::read(home.join("package-lock.json")).unwrap());
    if fs::read(&stamp).is_ok_and(|installed| installed == lock) {
        return Some(home);
    }
    let made = run(Command::new("npm").arg("ci").current_dir(&home));
    had("Node", made)?;
    fs::write(stamp, lock).unwrap();
    Some(home)
}
