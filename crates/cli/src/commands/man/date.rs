//! The date of a manual page: that of the version, as the packages' list of changes has it.

const CHANGES: &str = include_str!("../../../../../packaging/debian/changelog");

const MONTHS: [&str; 12] =
    ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];

/// As `2026-11-27`.
pub(super) fn of_version() -> String {
    first(CHANGES).unwrap_or_default()
}

/// Of the first entry, whose last line is ` -- Name <address>  Fri, 27 Nov 2026 03:00:00 +0000`.
fn first(changes: &str) -> Option<String> {
    let line = changes.lines().find(|line| line.starts_with(" -- "))?;
    let (_, date) = line.rsplit_once(", ")?;
    let mut words = date.split(' ');
    let (day, month, year) = (words.next()?, words.next()?, words.next()?);
    let month = MONTHS.iter().position(|name| *name == month)? + 1;
    Some(format!("{year}-{month:02}-{day:0>2}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_is_that_of_the_first_entry() {
        let changes = "a (2) b\n\n  * c\n\n -- N, M <n@m>  Sun, 06 Dec 2026 03:00:00 +0000\n\n\
                       a (1) b\n\n -- N <n@m>  Fri, 27 Nov 2026 03:00:00 +0000\n";
        assert_eq!(first(changes).as_deref(), Some("2026-12-06"));
        assert_eq!(first("a (2) b\n"), None);
        let date = of_version();
        assert!(date.len() == 10 && date.starts_with("20"), "{date:?}");
    }
}
