//! Which lines are shown.

use keyfob_protocol::pattern;

use super::line::{Host, LogLine};

/// What a line must have; what is not said every line has.
#[derive(Debug, Default)]
pub(crate) struct Filter {
    pub(crate) key: Option<String>,
    pub(crate) host: Option<String>,
    pub(crate) program: Option<String>,
    /// Milliseconds since 1970, the first,
    pub(crate) since: Option<u64>,
    /// and the last.
    pub(crate) until: Option<u64>,
}

impl Filter {
    /// Whether this line is shown.
    pub(super) fn takes(&self, line: &LogLine) -> bool {
        self.since.is_none_or(|since| line.time >= since)
            && self.until.is_none_or(|until| line.time <= until)
            && self.key.as_ref().is_none_or(|key| {
                line.key.as_ref().is_some_and(|found| {
                    is_fingerprint(key, &found.fingerprint) || is_part(key, &found.name)
                })
            })
            && self.host.as_ref().is_none_or(|host| line.hosts().any(|found| is_host(host, found)))
            && self.program.as_ref().is_none_or(|program| {
                let programs = line.requester.iter().filter_map(|process| process.program.as_ref());
                programs.into_iter().any(|found| is_program(program, found))
            })
    }
}

fn is_host(wanted: &str, host: &Host) -> bool {
    let wanted = wanted.to_ascii_lowercase();
    let is_name = |name: &String| {
        let name = name.to_ascii_lowercase();
        pattern::matches(wanted.as_bytes(), name.as_bytes())
    };
    host.names.iter().any(is_name) || is_fingerprint(&wanted, &host.key.to_ascii_lowercase())
}

fn is_program(wanted: &str, path: &str) -> bool {
    let name = path.rsplit('/').next().unwrap_or(path);
    [path, name].iter().any(|text| pattern::matches(wanted.as_bytes(), text.as_bytes()))
}

/// The beginning is enough; with or without the name of the hash.
fn is_fingerprint(wanted: &str, fingerprint: &str) -> bool {
    const SHORTEST: usize = 4;
    let bare =
        |text: &str| text.split_once(':').map_or(text.to_owned(), |(_, hash)| hash.to_owned());
    let wanted = bare(wanted);
    wanted.len() >= SHORTEST && bare(fingerprint).starts_with(&wanted)
}

fn is_part(wanted: &str, name: &str) -> bool {
    match wanted.contains(['*', '?']) {
        true => pattern::matches(wanted.as_bytes(), name.as_bytes()),
        false => name.contains(wanted),
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "tests")]
    use super::*;

    const LINE: &str = r#"{"seq":3,"time":"2026-11-26T15:00:00.000Z","event":"signed","key":{"name":"me@box","type":"ED25519","fingerprint":"SHA256:wjR0tKX"},"purpose":{"kind":"login","user":"git","host":{"names":["github.com"],"key":"SHA256:uNiVztk"}},"remote":true,"via":[{"names":["Hop.example"],"key":"SHA256:abcdefg"}],"requester":[{"pid":1,"start":2,"program":"/usr/bin/ssh"},{"pid":2,"start":1,"program":"/usr/bin/git"}],"mac":""}"#;

    fn takes(filter: &Filter) -> bool {
        filter.takes(&LogLine::parse(LINE.as_bytes()).unwrap())
    }

    #[test]
    fn a_key_is_meant_by_its_fingerprint_or_its_comment() {
        for (key, is_it) in [
            ("SHA256:wjR0", true),
            ("wjR0tKX", true),
            ("me@box", true),
            ("box", true),
            ("*@box", true),
            ("*@bo", false),
            ("SHA256:other", false),
            ("wj", false),
        ] {
            let filter = Filter { key: Some(key.to_owned()), ..Filter::default() };
            assert_eq!(takes(&filter), is_it, "{key}");
        }
    }

    #[test]
    fn a_host_is_one_that_is_logged_in_to_or_on_the_way() {
        for (host, is_it) in [
            ("github.com", true),
            ("*.com", true),
            ("hop.example", true),
            ("SHA256:uNiV", true),
            ("github", false),
            ("git", false),
        ] {
            let filter = Filter { host: Some(host.to_owned()), ..Filter::default() };
            assert_eq!(takes(&filter), is_it, "{host}");
        }
    }

    #[test]
    fn a_program_may_have_asked_through_another() {
        for (program, is_it) in
            [("git", true), ("/usr/bin/git", true), ("ssh", true), ("*/ssh", true), ("gi", false)]
        {
            let filter = Filter { program: Some(program.to_owned()), ..Filter::default() };
            assert_eq!(takes(&filter), is_it, "{program}");
        }
    }

    #[test]
    fn both_ends_of_a_time_belong_to_it() {
        let time = LogLine::parse(LINE.as_bytes()).unwrap().time;
        for (since, until, is_in) in [
            (Some(time), Some(time), true),
            (Some(time + 1), None, false),
            (None, Some(time - 1), false),
            (None, None, true),
        ] {
            assert_eq!(takes(&Filter { since, until, ..Filter::default() }), is_in);
        }
    }
}
