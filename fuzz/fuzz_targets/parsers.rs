//! The parsers under libFuzzer. `MEGATRON_FUZZ` names one of `tests/fuzz/targets.rs`; without it each input goes to all.

#![no_main]

#[path = "../../tests/fuzz/targets.rs"]
mod targets;

use std::sync::LazyLock;

static CHOSEN: LazyLock<Vec<targets::Target>> = LazyLock::new(|| {
    let wish = std::env::var("MEGATRON_FUZZ").ok();
    let fits = |target: &targets::Target| wish.as_deref().is_none_or(|wish| wish == target.0);
    let chosen: Vec<_> = targets::ALL.into_iter().filter(fits).collect();
    assert!(!chosen.is_empty(), "no such target");
    chosen
});

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| CHOSEN.iter().for_each(|(_, target)| target(bytes)));
