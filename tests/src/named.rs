//! Finds tests by their names in the sources.

/// Whether this source has such a test: a function marked as one, or one that is handed to a harness.
pub fn has_test(source: &str, case: &str) -> bool {
    let handed = ["case!(", "ours!(", "divergent!("];
    handed.iter().any(|list| is_handed(source, list, case))
        || source.contains(&format!("(\"{case}\", "))
        || is_marked(source, case)
}

/// Whether it is a case that OpenSSH passes with a body of its own, which shows how it differs.
pub fn is_divergent(source: &str, case: &str) -> bool {
    is_handed(source, "divergent!(", case)
}

fn is_handed(source: &str, list: &str, case: &str) -> bool {
    source.split(list).skip(1).any(|rest| {
        let rest = rest.trim_start().strip_prefix(case);
        rest.is_some_and(|rest| rest.starts_with([')', ',']))
    })
}

/// Whether the lines above the function have `#[test]` or something that ends like it.
fn is_marked(source: &str, case: &str) -> bool {
    let lines: Vec<&str> = source.lines().map(str::trim_start).collect();
    let starts = [format!("fn {case}("), format!("async fn {case}(")];
    let mut functions =
        (0..lines.len()).filter(|at| starts.iter().any(|it| lines[*at].starts_with(it)));
    functions.any(|at| {
        let mut above = lines[..at].iter().rev().take_while(|line| line.starts_with(['#', '/']));
        above.any(|line| line.starts_with("#[") && line.contains("test"))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_no_test_is_not_taken_for_one() {
        let source =
            "#[test]\nfn a_test() {}\nfn a_helper() {}\nours!(handed)\ndivergent!(\n  both,";
        for (case, is_one) in [("a_test", true), ("a_helper", false), ("a_", false)] {
            assert_eq!(has_test(source, case), is_one, "{case}");
        }
        assert!(has_test(source, "handed") && has_test(source, "both") && !has_test(source, "bot"));
        assert!(is_divergent(source, "both") && !is_divergent(source, "handed"));
    }
}
