//! The page that says what is relayed names tests: they must be there.

use std::path::Path;

#[test]
fn every_test_that_the_page_names_is_there() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let page = std::fs::read_to_string(root.join("docs/fidelity.md")).unwrap();
    let rows: Vec<&str> = page.lines().filter(|line| line.starts_with("| ") && !line.starts_with("| what")).collect();
    let mut named = 0;
    for row in &rows {
        let tests = row.trim_end_matches('|').rsplit('|').next().unwrap();
        let tests: Vec<&str> = tests.split('`').filter(|text| text.contains("::")).collect();
        assert!(!tests.is_empty(), "no test: {row}");
        for test in tests {
            let (module, name) = test.split_once("::").unwrap();
            let file = root.join(format!("tests/it/scenarios/{module}.rs"));
            let source = std::fs::read_to_string(&file).unwrap_or_else(|error| panic!("{}: {error}", file.display()));
            assert!(source.contains(&format!("async fn {name}(house: House)")), "{test} is not there");
            named += 1;
        }
    }
    assert!(rows.len() > 30 && named > rows.len(), "{} rows, {named} tests", rows.len());
}
