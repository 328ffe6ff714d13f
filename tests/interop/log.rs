//! What the log says of real logins, and that its proof holds.

use std::time::Duration;

use keyfob_testkit::{Case, KeyType, Output, World, ours};

use crate::server::Settings;
use crate::site::{Site, user};

pub(crate) const CASES: &[Case] =
    &[ours!(a_login_over_a_hop_is_a_line_that_names_both_hosts_and_the_account)];

fn log(world: &World, arguments: &[&str]) -> Output {
    world.program("keyfob").arg("log").args(arguments).output()
}

fn a_login_over_a_hop_is_a_line_that_names_both_hosts_and_the_account(world: &World) {
    let agent = world.agent();
    let key = world.key(KeyType::Ed25519, "key");
    agent.add(&key);
    let settings = Settings::default().authorize(&key);
    let site = Site::new(world).with("one", &settings).with("two", &settings);
    let ssh = format!("ssh -F {}", site.configuration().display());
    let beyond = format!("{ssh} two printenv KEYFOB_HOST");
    let output = site.ssh(&agent).args(["-A", "one", &beyond]).output();
    site.admitted(&output, "two");
    let host_key = |name: &str| site.server(name).fingerprint(world);
    let (one, two) = (host_key("one"), host_key("two"));
    let lines = || log(world, &["--json", "-H", &two]).stdout();
    world.waits_until("the login is logged", Duration::from_secs(10), || !lines().is_empty());
    let text = lines();
    let line = text.lines().last().unwrap();
    for part in [
        "\"event\":\"signed\"",
        &format!("\"purpose\":{{\"kind\":\"login\",\"user\":\"{}\",\"host\":{{", user()),
        &format!("\"key\":\"{two}\"}}}},\"remote\":true,\"via\":[{{"),
        &format!("\"key\":\"{one}\"}}],\"requester\":["),
        "/ssh\"",
    ] {
        assert!(line.contains(part), "{part}\n{line}");
    }
    assert_eq!(log(world, &["--json", "-H", &one]).stdout().lines().count(), 2);
    log(world, &["verify"]).exits(0);
}
