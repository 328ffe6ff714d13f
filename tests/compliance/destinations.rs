//! `restrict-destination-v00@openssh.com`, hop by hop.

use keyfob_testkit::wire::number;
use keyfob_testkit::{
    Authority, Case, CertificateKind, CertificateRequest, Destination, Hop, Host, KeyFile, KeyType,
    Message, Notary, RawClient, Reply, RunningAgent, World, case, divergent, userauth,
};

pub(crate) fn cases() -> Vec<Case> {
    vec![
        case!(a_login_at_the_permitted_host_is_signed),
        case!(a_login_at_another_host_is_refused),
        case!(an_unbound_connection_never_signs),
        case!(an_unbound_local_connection_lists_the_key),
        case!(p4_a_session_that_is_not_the_bound_one_is_refused),
        case!(data_that_is_no_login_is_refused),
        case!(a_login_that_names_another_key_is_refused),
        case!(a_login_with_bytes_behind_it_is_refused),
        case!(a_login_that_names_another_host_key_is_refused),
        case!(the_older_login_is_signed_at_the_first_hop),
        case!(a_permitted_user_logs_in),
        case!(another_user_is_refused),
        case!(a_pattern_of_users_is_matched),
        case!(a_pattern_of_users_is_no_list),
        case!(one_of_several_destinations_is_enough),
        case!(a_host_certificate_of_the_authority_is_accepted),
        case!(a_host_certificate_of_another_authority_is_refused),
        case!(a_host_certificate_for_another_name_is_refused),
        case!(a_plain_key_is_no_authority),
        case!(a_forwarded_step_that_is_permitted_is_signed),
        case!(a_forwarded_step_that_is_not_permitted_is_refused),
        case!(a_forwarded_step_needs_the_first_hop_too),
        case!(a_forwarded_login_must_name_the_host_key),
        case!(a_host_from_which_nothing_is_permitted_sees_no_key),
        case!(a_host_from_which_a_step_is_permitted_sees_the_key),
        case!(a_hidden_key_cannot_be_removed),
        case!(a_hidden_key_cannot_be_replaced),
        case!(a_free_key_is_seen_and_signs_everywhere),
        case!(adding_again_without_destinations_frees_the_key),
        case!(a_start_that_names_a_user_is_refused),
        case!(a_destination_without_a_host_key_is_refused),
        case!(a_host_name_in_the_start_without_a_key_is_refused),
        case!(bytes_behind_the_destinations_are_refused),
        case!(a_long_pattern_of_users_is_refused).since("10.4"),
        case!(a_thousand_destinations_are_taken),
        case!(more_than_1024_destinations_are_refused),
        divergent!(no_destination_at_all, original_frees_the_key, ours_refuses_the_key),
        case!(other_keys_are_restricted_alike),
    ]
}

/// Hosts, an agent, a key in it.
struct Scene {
    notary: Notary,
    agent: RunningAgent,
    key: KeyFile,
    near: Host,
    far: Host,
    stranger: Host,
}

impl Scene {
    /// The key is permitted what `permit` says of (near, far).
    #[track_caller]
    fn permitting(world: &World, permit: impl FnOnce(Hop, Hop) -> Vec<Destination>) -> Self {
        let notary = Notary::new(world);
        let [near, far, stranger] = ["near", "far", "stranger"].map(|name| notary.host(name));
        let agent = world.agent();
        let key = world.key(KeyType::Ed25519, "key");
        let steps = permit(Hop::host("near", &near.key), Hop::host("far", &far.key));
        agent.client().request(&restricted(&key, &steps)).succeeds();
        Self { notary, agent, key, near, far, stranger }
    }

    /// Only logins at `near`, by whomever.
    #[track_caller]
    fn near_only(world: &World) -> Self {
        Self::permitting(world, |near, _| vec![Destination::direct(near)])
    }

    /// Logins at `near`, and from there at `far`.
    #[track_caller]
    fn over_near_to_far(world: &World) -> Self {
        Self::permitting(world, |near, far| {
            vec![Destination::direct(near.clone()), Destination::over(near, far)]
        })
    }

    /// A connection of `ssh` here that logs in at this host.
    #[track_caller]
    fn at(&self, host: &Host) -> RawClient {
        let mut client = self.agent.client();
        self.notary.bind(host, session(host).as_bytes(), false).sent_on(&mut client);
        client
    }

    /// A connection that comes back from these hosts over forwarding, and logs in at the last.
    #[track_caller]
    fn through(&self, hosts: &[&Host], at: &Host) -> RawClient {
        let mut client = self.seen_from(hosts);
        self.notary.bind(at, session(at).as_bytes(), false).sent_on(&mut client);
        client
    }

    /// What the last of these hosts sees of the agent forwarded to it.
    #[track_caller]
    fn seen_from(&self, hosts: &[&Host]) -> RawClient {
        let mut client = self.agent.client();
        for host in hosts {
            self.notary.bind(host, session(host).as_bytes(), true).sent_on(&mut client);
        }
        client
    }

    /// `ssh` lets the agent sign the login of this user at this host.
    #[track_caller]
    fn log_in(&self, client: &mut RawClient, host: &Host, user: &str) -> Reply {
        let blob = self.key.blob();
        let data =
            userauth(session(host).as_bytes(), user, "ssh-ed25519", &blob, Some(&host.key.blob()));
        client.sign(&blob, &data, 0)
    }
}

/// The session with a host, by its name.
fn session(host: &Host) -> String {
    format!("session with {}", host.name)
}

fn restricted(key: &KeyFile, steps: &[Destination]) -> Message {
    key.add_message(number::ADD_ID_CONSTRAINED, "restricted").raw(Destination::constraint(steps))
}

fn a_login_at_the_permitted_host_is_signed(world: &World) {
    let scene = Scene::near_only(world);
    let mut client = scene.at(&scene.near);
    assert_eq!(client.list().len(), 1);
    scene.log_in(&mut client, &scene.near, "anyone").signature();
    scene.log_in(&mut client, &scene.near, "root").signature();
}

fn a_login_at_another_host_is_refused(world: &World) {
    let scene = Scene::near_only(world);
    scene.log_in(&mut scene.at(&scene.far), &scene.far, "anyone").fails();
    scene.log_in(&mut scene.at(&scene.stranger), &scene.stranger, "anyone").fails();
}

fn an_unbound_connection_never_signs(world: &World) {
    let scene = Scene::near_only(world);
    let mut client = scene.agent.client();
    scene.log_in(&mut client, &scene.near, "anyone").fails();
    client.sign(&scene.key.blob(), b"data", 0).fails();
}

fn an_unbound_local_connection_lists_the_key(world: &World) {
    let scene = Scene::near_only(world);
    assert_eq!(scene.agent.list().len(), 1);
}

fn p4_a_session_that_is_not_the_bound_one_is_refused(world: &World) {
    let scene = Scene::near_only(world);
    let blob = scene.key.blob();
    let data =
        userauth(b"another session", "user", "ssh-ed25519", &blob, Some(&scene.near.key.blob()));
    scene.at(&scene.near).sign(&blob, &data, 0).fails();
}

fn data_that_is_no_login_is_refused(world: &World) {
    let scene = Scene::near_only(world);
    let mut client = scene.at(&scene.near);
    let blob = scene.key.blob();
    let login = userauth(
        session(&scene.near).as_bytes(),
        "user",
        "ssh-ed25519",
        &blob,
        Some(&scene.near.key.blob()),
    );
    client.sign(&blob, b"", 0).fails();
    client.sign(&blob, b"SSHSIG\0\0\0\x03git", 0).fails();
    client.sign(&blob, &login[..login.len() - 1], 0).fails();
    client.sign(&blob, &login, 0).signature();
}

fn a_login_that_names_another_key_is_refused(world: &World) {
    let scene = Scene::near_only(world);
    let other = world.key(KeyType::Ed25519, "other").blob();
    let data = userauth(
        session(&scene.near).as_bytes(),
        "user",
        "ssh-ed25519",
        &other,
        Some(&scene.near.key.blob()),
    );
    scene.at(&scene.near).sign(&scene.key.blob(), &data, 0).fails();
}

fn a_login_with_bytes_behind_it_is_refused(world: &World) {
    let scene = Scene::near_only(world);
    let blob = scene.key.blob();
    let mut data = userauth(
        session(&scene.near).as_bytes(),
        "user",
        "ssh-ed25519",
        &blob,
        Some(&scene.near.key.blob()),
    );
    data.push(0);
    scene.at(&scene.near).sign(&blob, &data, 0).fails();
}

fn a_login_that_names_another_host_key_is_refused(world: &World) {
    let scene = Scene::near_only(world);
    let blob = scene.key.blob();
    let data = userauth(
        session(&scene.near).as_bytes(),
        "user",
        "ssh-ed25519",
        &blob,
        Some(&scene.far.key.blob()),
    );
    scene.at(&scene.near).sign(&blob, &data, 0).fails();
}

/// Servers before 8.9 know no other; here the bind alone tells the host.
fn the_older_login_is_signed_at_the_first_hop(world: &World) {
    let scene = Scene::near_only(world);
    let blob = scene.key.blob();
    let data = userauth(session(&scene.near).as_bytes(), "user", "ssh-ed25519", &blob, None);
    scene.at(&scene.near).sign(&blob, &data, 0).signature();
}

fn a_permitted_user_logs_in(world: &World) {
    let scene = Scene::permitting(world, |near, _| vec![Destination::direct(near.user("alice"))]);
    scene.log_in(&mut scene.at(&scene.near), &scene.near, "alice").signature();
}

fn another_user_is_refused(world: &World) {
    let scene = Scene::permitting(world, |near, _| vec![Destination::direct(near.user("alice"))]);
    for user in ["bob", "alice2", "Alice", "", "*"] {
        scene.log_in(&mut scene.at(&scene.near), &scene.near, user).fails();
    }
}

fn a_pattern_of_users_is_matched(world: &World) {
    let scene = Scene::permitting(world, |near, _| vec![Destination::direct(near.user("al?ce*"))]);
    scene.log_in(&mut scene.at(&scene.near), &scene.near, "alice").signature();
    scene.log_in(&mut scene.at(&scene.near), &scene.near, "alyce-admin").signature();
    scene.log_in(&mut scene.at(&scene.near), &scene.near, "alce").fails();
}

/// Not a list: a `!` or a comma in a single pattern is a character like any other.
fn a_pattern_of_users_is_no_list(world: &World) {
    let scene = Scene::permitting(world, |near, _| vec![Destination::direct(near.user("!root,*"))]);
    scene.log_in(&mut scene.at(&scene.near), &scene.near, "root").fails();
    scene.log_in(&mut scene.at(&scene.near), &scene.near, "alice").fails();
}

fn one_of_several_destinations_is_enough(world: &World) {
    let scene = Scene::permitting(world, |near, far| {
        vec![Destination::direct(near.user("alice")), Destination::direct(far)]
    });
    scene.log_in(&mut scene.at(&scene.near), &scene.near, "alice").signature();
    scene.log_in(&mut scene.at(&scene.far), &scene.far, "bob").signature();
    scene.log_in(&mut scene.at(&scene.near), &scene.near, "bob").fails();
}

/// A scene whose key is permitted `near` by certificate of "authority", and `near` certified by
/// `signer` for `principals`; gives the reply to a login there.
#[track_caller]
fn at_a_certified_host(world: &World, signer: &str, principals: &str) -> Reply {
    let trusted = Authority::new(world, "authority");
    let scene = Scene::permitting(world, |_, _| {
        vec![Destination::direct(Hop::certified_by("near", trusted.key()))]
    });
    let request = CertificateRequest {
        kind: CertificateKind::Host,
        principals,
        ..CertificateRequest::default()
    };
    Authority::new(world, signer).certify(&scene.near.key, &request);
    let certificate = scene.near.key.certificate_blob();
    let mut bind = scene.notary.bind(&scene.near, session(&scene.near).as_bytes(), false);
    bind.host_key.clone_from(&certificate);
    let mut client = scene.agent.client();
    bind.sent_on(&mut client);
    let blob = scene.key.blob();
    let login =
        userauth(session(&scene.near).as_bytes(), "user", "ssh-ed25519", &blob, Some(&certificate));
    client.sign(&blob, &login, 0)
}

fn a_host_certificate_of_the_authority_is_accepted(world: &World) {
    at_a_certified_host(world, "authority", "near,near.example").signature();
}

fn a_host_certificate_of_another_authority_is_refused(world: &World) {
    at_a_certified_host(world, "impostor", "near").fails();
}

fn a_host_certificate_for_another_name_is_refused(world: &World) {
    at_a_certified_host(world, "authority", "far").fails();
}

/// The authority's own key as a host key is not a host that it certified.
fn a_plain_key_is_no_authority(world: &World) {
    let scene = Scene::permitting(world, |near, _| vec![Destination::direct(near)]);
    let as_authority = Destination::direct(Hop::certified_by("near", &scene.near.key));
    scene.agent.client().request(&restricted(&scene.key, &[as_authority])).succeeds();
    scene.log_in(&mut scene.at(&scene.near), &scene.near, "user").fails();
}

fn a_forwarded_step_that_is_permitted_is_signed(world: &World) {
    let scene = Scene::over_near_to_far(world);
    let mut client = scene.through(&[&scene.near], &scene.far);
    scene.log_in(&mut client, &scene.far, "user").signature();
}

fn a_forwarded_step_that_is_not_permitted_is_refused(world: &World) {
    let scene = Scene::over_near_to_far(world);
    let mut to_stranger = scene.through(&[&scene.near], &scene.stranger);
    scene.log_in(&mut to_stranger, &scene.stranger, "user").fails();
    let mut back = scene.through(&[&scene.near], &scene.near);
    scene.log_in(&mut back, &scene.near, "user").fails();
    let mut further = scene.through(&[&scene.near, &scene.far], &scene.stranger);
    scene.log_in(&mut further, &scene.stranger, "user").fails();
}

fn a_forwarded_step_needs_the_first_hop_too(world: &World) {
    let scene = Scene::permitting(world, |near, far| vec![Destination::over(near, far)]);
    let mut client = scene.through(&[&scene.near], &scene.far);
    scene.log_in(&mut client, &scene.far, "user").fails();
    scene.log_in(&mut scene.at(&scene.far), &scene.far, "user").fails();
}

/// Beyond the first hop the host that asks could lie about where it leads.
fn a_forwarded_login_must_name_the_host_key(world: &World) {
    let scene = Scene::over_near_to_far(world);
    let blob = scene.key.blob();
    let data = userauth(session(&scene.far).as_bytes(), "user", "ssh-ed25519", &blob, None);
    scene.through(&[&scene.near], &scene.far).sign(&blob, &data, 0).fails();
}

fn a_host_from_which_nothing_is_permitted_sees_no_key(world: &World) {
    let scene = Scene::over_near_to_far(world);
    assert!(scene.seen_from(&[&scene.stranger]).list().is_empty());
    assert!(scene.seen_from(&[&scene.far]).list().is_empty());
    assert!(scene.seen_from(&[&scene.near, &scene.far]).list().is_empty());
}

fn a_host_from_which_a_step_is_permitted_sees_the_key(world: &World) {
    let scene = Scene::over_near_to_far(world);
    assert_eq!(scene.seen_from(&[&scene.near]).list().len(), 1);
}

fn a_hidden_key_cannot_be_removed(world: &World) {
    let scene = Scene::near_only(world);
    let mut client = scene.seen_from(&[&scene.stranger]);
    let removal = Message::new(number::REMOVE_IDENTITY).string(scene.key.blob());
    client.request(&removal).fails();
    assert_eq!(scene.agent.list().len(), 1);
    scene.agent.client().request(&removal).succeeds();
}

/// Adding it again without constraints would free it.
fn a_hidden_key_cannot_be_replaced(world: &World) {
    let scene = Scene::near_only(world);
    let mut client = scene.seen_from(&[&scene.stranger]);
    client.add(&scene.key, "freed").fails();
    assert_eq!(scene.agent.comments(), ["restricted"]);
    scene.log_in(&mut scene.at(&scene.stranger), &scene.stranger, "user").fails();
}

fn a_free_key_is_seen_and_signs_everywhere(world: &World) {
    let scene = Scene::near_only(world);
    let free = world.key(KeyType::Ed25519, "free");
    scene.agent.add(&free);
    let mut client = scene.seen_from(&[&scene.stranger]);
    assert_eq!(client.list().len(), 1);
    client.sign(&free.blob(), b"any data", 0).signature();
    scene.agent.client().sign(&free.blob(), b"any data", 0).signature();
}

fn adding_again_without_destinations_frees_the_key(world: &World) {
    let scene = Scene::near_only(world);
    scene.agent.add(&scene.key);
    scene.agent.client().sign(&scene.key.blob(), b"data", 0).signature();
}

#[track_caller]
fn is_refused(world: &World, steps: &[Destination]) {
    let agent = world.agent();
    let mut client = agent.client();
    client.request(&restricted(&world.key(KeyType::Ed25519, "key"), steps)).fails();
    assert!(client.list().is_empty());
}

fn a_start_that_names_a_user_is_refused(world: &World) {
    let host = world.key(KeyType::Ed25519, "host");
    let step = Destination::over(Hop::host("near", &host).user("alice"), Hop::host("far", &host));
    is_refused(world, &[step]);
}

fn a_destination_without_a_host_key_is_refused(world: &World) {
    is_refused(world, &[Destination::direct(Hop::here())]);
    is_refused(world, &[Destination::direct(Hop::named_without_key("near"))]);
}

fn a_host_name_in_the_start_without_a_key_is_refused(world: &World) {
    let host = world.key(KeyType::Ed25519, "host");
    is_refused(
        world,
        &[Destination::over(Hop::named_without_key("near"), Hop::host("far", &host))],
    );
}

fn bytes_behind_the_destinations_are_refused(world: &World) {
    let host = world.key(KeyType::Ed25519, "host");
    let key = world.key(KeyType::Ed25519, "key");
    let message = restricted(&key, &[Destination::direct(Hop::host("near", &host))]);
    world.client().request(&message.byte(0)).fails();
}

/// Matching a pattern of asterisks takes time that grows with its length.
fn a_long_pattern_of_users_is_refused(world: &World) {
    let host = world.key(KeyType::Ed25519, "host");
    let to = |length| vec![Destination::direct(Hop::host("near", &host).user(&"*".repeat(length)))];
    is_refused(world, &to(300));
    let key = world.key(KeyType::Ed25519, "key");
    world.client().request(&restricted(&key, &to(200))).succeeds();
}

/// As many destinations, each another host of the same key.
fn many_destinations(world: &World, count: usize) -> Vec<Destination> {
    let host = world.key(KeyType::Ed25519, "host");
    (0..count).map(|number| Destination::direct(Hop::host(&format!("h{number}"), &host))).collect()
}

fn a_thousand_destinations_are_taken(world: &World) {
    let key = world.key(KeyType::Ed25519, "key");
    world.client().request(&restricted(&key, &many_destinations(world, 1000))).succeeds();
}

fn more_than_1024_destinations_are_refused(world: &World) {
    is_refused(world, &many_destinations(world, 1025));
}

/// A restriction to an empty list of destinations.
fn restricted_to_nothing(world: &World) -> Message {
    restricted(&world.key(KeyType::Ed25519, "key"), &[])
}

fn original_frees_the_key(world: &World) {
    let mut client = world.client();
    client.request(&restricted_to_nothing(world)).succeeds();
    let key = world.key(KeyType::Ed25519, "key").blob();
    client.sign(&key, b"data", 0).signature();
}

fn ours_refuses_the_key(world: &World) {
    let mut client = world.client();
    client.request(&restricted_to_nothing(world)).fails();
    assert!(client.list().is_empty());
}

fn other_keys_are_restricted_alike(world: &World) {
    let scene = Scene::near_only(world);
    for (kind, algorithm, flags) in
        [(KeyType::EcdsaP256, "ecdsa-sha2-nistp256", 0), (KeyType::Rsa2048, "rsa-sha2-512", 4)]
    {
        let key = world.key(kind, kind.name());
        let step = Destination::direct(Hop::host("near", &scene.near.key));
        scene.agent.client().request(&restricted(&key, &[step])).succeeds();
        let login = |host: &Host| {
            let host_key = host.key.blob();
            userauth(session(host).as_bytes(), "user", algorithm, &key.blob(), Some(&host_key))
        };
        scene.at(&scene.near).sign(&key.blob(), &login(&scene.near), flags).signature();
        scene.at(&scene.far).sign(&key.blob(), &login(&scene.far), flags).fails();
    }
}
