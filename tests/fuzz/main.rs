//! The parsers that bytes from outside reach, fed with arbitrary and with mutated bytes, each for a bounded time.
//!
//! `MEGATRON_TEST_FUZZ_SECONDS` says for how long (1 s each), `MEGATRON_TEST_SEED` repeats a run. The same functions are targets
//! of libFuzzer in `fuzz/`.

#![allow(missing_docs, unreachable_pub, clippy::unwrap_used, clippy::expect_used, clippy::panic)]
#![allow(clippy::print_stdout, reason = "executions and findings for each target")]
#![allow(clippy::disallowed_methods, reason = "bounded in real time, and set up by the environment")]

#[path = "../chaos/chance.rs"]
mod chance;
mod seeds;
mod targets;

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::time::{Duration, Instant};

use chance::Chance;

/// The longest input.
const LONGEST: usize = 16 << 10;

#[test]
fn no_bytes_break_a_parser() {
    let number = |variable: &str| std::env::var(variable).ok().map(|text| text.parse::<f64>().expect("a number"));
    let each = Duration::from_secs_f64(number("MEGATRON_TEST_FUZZ_SECONDS").unwrap_or(1.0));
    let seed = std::env::var("MEGATRON_TEST_SEED").ok().map(|seed| seed.parse().unwrap());
    let seed = seed.unwrap_or_else(|| getrandom::u64().unwrap() >> 32);
    println!("MEGATRON_TEST_SEED={seed}");
    let seeds = seeds::all();
    let mut broken = Vec::new();
    for (name, target) in targets::ALL {
        let mut chance = Chance(seed);
        let (begun, mut executions, mut finding) = (Instant::now(), 0_u64, None);
        // The seeds as they are come first, whatever the time.
        while finding.is_none() && (executions < seeds.len() as u64 || begun.elapsed() < each) {
            let input = match seeds.get(usize::try_from(executions).unwrap()) {
                Some(seed) => seed.clone(),
                None => mutated(&mut chance, &seeds),
            };
            finding = catch_unwind(AssertUnwindSafe(|| target(&input))).is_err().then_some(input);
            executions += 1;
        }
        println!("  {name:<16} {executions:>9} executions, {} findings", usize::from(finding.is_some()));
        broken.extend(finding.map(|input| format!("{name}: b\"{}\"", input.escape_ascii())));
    }
    assert!(broken.is_empty(), "{broken:#?}");
}

/// A seed after a few mutations, or, one time in eight, bytes from nowhere.
fn mutated(chance: &mut Chance, seeds: &[Vec<u8>]) -> Vec<u8> {
    if chance.below(8) == 0 {
        return (0..chance.below(200)).map(|_| chance.byte()).collect();
    }
    let mut bytes = chance.pick(seeds).clone();
    for _ in 0..=chance.below(6) {
        let at = chance.below(bytes.len() + 1);
        let end = (at + chance.below(32)).min(bytes.len());
        match chance.below(8) {
            0 => drop(bytes.drain(at..end)),
            1 => bytes.truncate(at),
            2 => bytes.insert(at, chance.byte()),
            3 if at < bytes.len() => bytes[at] ^= 1 << chance.below(8),
            4 => {
                let piece = bytes[at..end].repeat(1 + chance.below(20));
                bytes.splice(at..at, piece);
            }
            5 => {
                let other = chance.pick(seeds);
                let from = chance.below(other.len());
                bytes.splice(at..end, other[from..].iter().copied());
            }
            _ => {
                let token = *chance.pick(&seeds::TOKENS);
                bytes.splice(at..end.min(at + chance.below(2)), token.bytes());
            }
        }
        bytes.truncate(LONGEST);
    }
    bytes
}
