//! The jobs of launchd, as launchd.plist(5) wants them.

use keyfob_config::env::Name;

/// The job that is the agent, and the one that sets the variable.
pub(super) const LABELS: [&str; 2] = [AGENT, "io.github.keyfob.environment"];

/// The former.
pub(super) const AGENT: &str = "io.github.keyfob.agent";

const BEGIN: &str = r#"<!DOCTYPE plist PUBLIC "-//Apple//DTD PLIST 1.0//EN" "http://www.apple.com/DTDs/PropertyList-1.0.dtd">
<plist version="1.0">
<dict>
"#;
const END: &str = "</dict>\n</plist>\n";

/// The agent: its socket is for its user alone (mode 0600), and it is started by whoever connects.
pub(super) fn agent(program: &str, socket: &str) -> String {
    let words = strings(&[program, "agent", "-D"]);
    let socket = escaped(socket);
    format!(
        "{BEGIN}{}\
         \t<key>ProgramArguments</key>\n{words}\
         \t<key>Sockets</key>\n\
         \t<dict>\n\
         \t\t<key>{SOCKET}</key>\n\
         \t\t<dict>\n\
         \t\t\t<key>SockPathName</key>\n\
         \t\t\t<string>{socket}</string>\n\
         \t\t\t<key>SockPathMode</key>\n\
         \t\t\t<integer>384</integer>\n\
         \t\t</dict>\n\
         \t</dict>\n\
         \t<key>ProcessType</key>\n\
         \t<string>Interactive</string>\n\
         {END}",
        label(LABELS[0])
    )
}

/// What tells every program of a login where the agent is.
pub(super) fn environment(socket: &str) -> String {
    let words = strings(&["/bin/launchctl", "setenv", Name::SshAuthSock.as_str(), socket]);
    format!(
        "{BEGIN}{}\
         \t<key>ProgramArguments</key>\n{words}\
         \t<key>RunAtLoad</key>\n\
         \t<true/>\n\
         {END}",
        label(LABELS[1])
    )
}

/// By which the agent asks launchd for its socket.
const SOCKET: &str = keyfob_sys::activation::LAUNCHD_SOCKET;

fn label(label: &str) -> String {
    format!("\t<key>Label</key>\n\t<string>{label}</string>\n")
}

fn strings(words: &[&str]) -> String {
    let one = |word: &&str| format!("\t\t<string>{}</string>\n", escaped(word));
    format!("\t<array>\n{}\t</array>\n", words.iter().map(one).collect::<String>())
}

/// A text of XML.
fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;")
}

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::print_stderr, reason = "tests")]
mod tests {
    use std::io::Write as _;
    use std::process::{Command, Stdio};

    use super::super::stamp::{Kind, Whose, stamped, whose};
    use super::*;

    /// What Python's reader of such files finds there, as JSON; `None` where there is no Python.
    fn read(file: &[u8]) -> Option<serde_json::Value> {
        let script = "import json, plistlib, sys\n\
                      print(json.dumps(plistlib.load(sys.stdin.buffer, fmt=plistlib.FMT_XML)))";
        let mut python = Command::new("python3")
            .args(["-c", script])
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .ok()?;
        python.stdin.take().unwrap().write_all(file).unwrap();
        let output = python.wait_with_output().unwrap();
        assert!(output.status.success(), "{}", String::from_utf8_lossy(file));
        Some(serde_json::from_slice(&output.stdout).unwrap())
    }

    #[test]
    fn the_jobs_say_what_they_are_to_say() {
        let program = "/Users/a b/<odd> & \"quoted\"/keyfob";
        let socket = "/Users/a b/Library/Application Support/keyfob/agent.é & co.sock";
        let file = stamped(agent(program, socket).as_bytes(), Kind::Xml);
        assert_eq!(whose(&file), Whose::Ours);
        let Some(job) = read(&file) else { return eprintln!("python3 is not here: not read") };
        assert_eq!(job["Label"], AGENT);
        assert_eq!(job["ProgramArguments"], serde_json::json!([program, "agent", "-D"]));
        assert_eq!(job["Sockets"][SOCKET]["SockPathName"], socket);
        assert_eq!(job["Sockets"][SOCKET]["SockPathMode"], 0o600);
        assert!(job.get("RunAtLoad").is_none(), "it is started by its first client");
        let job = read(&stamped(environment(socket).as_bytes(), Kind::Xml)).unwrap();
        let words = ["/bin/launchctl", "setenv", "SSH_AUTH_SOCK", socket];
        assert_eq!(job["ProgramArguments"], serde_json::json!(words));
        assert_eq!(job["RunAtLoad"], true);
        assert_ne!(job["Label"], AGENT);
    }
}
