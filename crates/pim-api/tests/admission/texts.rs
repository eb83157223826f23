//! Texts that are hard to read: what people write, what they mistype, and what nobody should.

use proptest::prelude::*;
use proptest::strategy::ValueTree as _;
use proptest::string::string_regex;
use proptest::test_runner::TestRunner;

/// Written by hand: each a good value of some field, or one beside it.
const KNOWN: &[&str] = &[
    "",
    " ",
    "   ",
    "a",
    "A name",
    " a",
    "a ",
    "a\n",
    "a\nb",
    "a\r\nb",
    "a\tb",
    "a\0b",
    "a\u{7}",
    "a\u{a0}b",
    "\u{a0}",
    "a\u{ad}b",
    "a\u{200b}b",
    "\u{202e}gpj.exe",
    "a\u{2028}b",
    "a\u{2066}b\u{2069}",
    "\u{feff}a",
    "\u{3000}a",
    "Zoë Müller 🦀",
    "管理者",
    "PAG-*",
    "*",
    "/",
    "//",
    "c1",
    "c99",
    "c100",
    "contoso",
    "prod-eu",
    "https://graph.microsoft.com",
    "https://login.microsoftonline.com/",
    "http://graph.microsoft.com",
    "Exchange Administrator",
    "11111111-1111-4111-8111-111111111111",
    "AAAAAAAA-AAAA-4AAA-8AAA-AAAAAAAAAAAA",
    "{11111111-1111-4111-8111-111111111111}",
    "11111111111141118111111111111111",
    "ffffffff-ffff-ffff-ffff-ffffffffffff",
    "jose@contoso.com",
    "josé@contoso.com",
    "jose@@contoso.com",
    "jose @contoso.com",
    "jose@contoso.com ",
    "hal_fabrikam.com#EXT#@contoso.com",
    "@contoso.com",
    "@",
    "contoso.com",
    "P1D",
    "P180D",
    "P9999D",
    "P0D",
    "P10000D",
    "P3M",
    "P1Y",
    "P1W",
    "-P1D",
    "+P1D",
    "P1.5D",
    "P00001D",
    "90d",
    "PT1M",
    "PT10M",
    "PT30M",
    "PT1440M",
    "PT1441M",
    "PT4H",
    "PT4H30M",
    "PT4H15M",
    "PT24H",
    "PT23H30M",
    "PT99999999999999999H",
    "pt4h",
    "4 hours",
    "P",
    "PT",
    "2027-01-01T00:00:00Z",
    "2027-01-01t00:00:00z",
    "2027-01-01T00:00:00.123456789Z",
    "2027-01-01T00:00:00.1234567890123Z",
    "2027-01-01T00:00:00,5Z",
    "2027-01-01T00:00:00+23:59",
    "2027-01-01T00:00:00+99:99",
    "2027-01-01T00:00:00-00:00",
    "2027-02-29T00:00:00Z",
    "2028-02-29T23:59:59-14:00",
    "1999-12-31T23:59:59Z",
    "2000-01-01T00:00:00Z",
    "2000-01-01T00:00:00+01:00",
    "8999-12-31T23:59:59Z",
    "8999-12-31T23:59:59-23:59",
    "9000-01-01T00:00:00Z",
    "9999-12-31T23:59:59Z",
    "0000-01-01T00:00:00Z",
];

/// Sorts of texts that are drawn anew in each run, with how many of each.
const DRAWN: &[(&str, usize)] = &[
    (r"\PC{1,40}", 40),
    (r"[\x00-\x{2fff}]{1,8}", 40),
    (r"[a-z]{1,60}@[a-z.]{1,60}", 20),
    (r"P[0-9]{1,6}D|PT([0-9]{1,4}H)?([0-9]{1,4}M)?", 30),
    (
        r"[0-9]{4}-(0[1-9]|1[0-2])-(0[1-9]|[12][0-9]|3[01])[Tt]([01][0-9]|2[0-3])(:[0-5][0-9]){2}([.,:][0-9]{1,14})?([Zz]|[+-][0-9]{2}:[0-9]{2})",
        300,
    ),
];

/// The texts of one run: those written by hand, some of each sort, and the longest of each size.
pub fn pool(runner: &mut TestRunner) -> Vec<String> {
    let mut texts: Vec<String> = KNOWN.iter().map(|text| (*text).to_owned()).collect();
    for (pattern, count) in DRAWN {
        texts.extend(matching(runner, pattern, *count));
    }
    for size in [63, 100, 113, 253, 254, 256, 500, 1024] {
        texts.push("x".repeat(size));
        texts.push("🦀".repeat(size));
    }
    texts
}

/// Some texts that match an expression.
pub fn matching(runner: &mut TestRunner, pattern: &str, count: usize) -> Vec<String> {
    // The generator knows no anchors: it makes whole texts.
    let inner = pattern.trim_start_matches('^').trim_end_matches('$');
    let strategy = string_regex(inner).unwrap();
    let draw = |_| strategy.new_tree(runner).unwrap().current();
    (0..count).map(draw).collect()
}
