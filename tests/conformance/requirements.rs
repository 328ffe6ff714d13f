//! What the documents ask of an agent, and the case that shows it.

/// One requirement.
pub(crate) struct Requirement {
    /// Its section.
    pub(crate) section: &'static str,
    /// MUST, SHOULD, MAY as the document has it; `–` where it is said by the format alone.
    pub(crate) level: &'static str,
    /// What is asked, in our words.
    pub(crate) text: &'static str,
    /// `suite/module::case` below `tests`.
    pub(crate) case: &'static str,
    /// A case that has to pass first: who refuses everything keeps to no rule about refusals.
    pub(crate) given: Option<&'static str>,
    /// Whether who passes the case keeps to the requirement; else it shows that it is not kept to.
    pub(crate) kept: bool,
}

const fn asks(
    section: &'static str,
    level: &'static str,
    text: &'static str,
    case: &'static str,
) -> Requirement {
    Requirement { section, level, text, case, given: None, kept: true }
}

impl Requirement {
    const fn given(mut self, case: &'static str) -> Self {
        self.given = Some(case);
        self
    }

    const fn not_kept_by_who_passes(mut self) -> Self {
        self.kept = false;
        self
    }
}

const LOCKS: &str = "compliance/locking::unlocking_brings_the_keys_back";
const LIVES: &str = "compliance/lifetime::a_key_is_gone_when_its_time_is_over";
const ASKS: &str = "compliance/confirmation::a_yes_lets_the_key_sign";
const BINDS: &str = "compliance/binding::p4_every_host_key_type_binds";
const RESTRICTS: &str = "compliance/destinations::a_login_at_the_permitted_host_is_signed";

/// RFC 9987 in its order, then OpenSSH's PROTOCOL.agent.
pub(crate) const REQUIREMENTS: &[Requirement] = &[
    asks(
        "5",
        "–",
        "a message is its length, however its bytes arrive",
        "compliance/frames::p7_a_request_byte_by_byte_is_one_request",
    ),
    asks(
        "5",
        "–",
        "each request gets one reply, in order",
        "compliance/frames::p7_a_hundred_requests_in_one_write_get_a_hundred_replies_in_order",
    ),
    asks(
        "5",
        "–",
        "the agent never speaks first",
        "compliance/frames::the_agent_never_speaks_first",
    ),
    asks(
        "5",
        "–",
        "a frame of length 0 is answered like any other",
        "compliance/frames::an_empty_frame",
    ),
    asks(
        "5.1",
        "MUST",
        "an unknown type is answered with FAILURE",
        "compliance/frames::an_unknown_type_fails_and_the_connection_lives",
    ),
    asks(
        "5.1",
        "MUST",
        "every number from 0 to 255 is answered, whatever is in it",
        "abuse/bodies::every_number_with_bodies_of_chance",
    ),
    asks(
        "5.2",
        "MUST",
        "a key that was loaded is answered with SUCCESS and listed",
        "compliance/identities::every_key_type_is_listed_as_it_was_added",
    ),
    asks(
        "5.2",
        "MUST",
        "a key that was not loaded is answered with FAILURE",
        "compliance/malformed::every_shortened_key_fails_and_is_not_added",
    ),
    asks(
        "5.2",
        "MAY",
        "a comment may be empty",
        "compliance/identities::an_empty_comment_stays_empty",
    ),
    asks(
        "5.2",
        "–",
        "a comment is kept as it is",
        "compliance/identities::p9_any_comment_is_kept_byte_for_byte",
    ),
    asks(
        "5.2",
        "–",
        "a constrained add without constraints is an add",
        "compliance/identities::a_constrained_add_without_constraints_is_an_add",
    ),
    asks(
        "5.2",
        "SHOULD",
        "a key that is added again takes the new lifetime",
        "compliance/lifetime::adding_again_replaces_the_lifetime",
    )
    .given(LIVES),
    asks(
        "5.2",
        "SHOULD",
        "a key that is added again takes the new rule of confirmation",
        "compliance/lifetime::adding_again_replaces_confirmation",
    )
    .given(ASKS),
    asks(
        "5.2",
        "SHOULD",
        "a key that is added again without constraints has none",
        "compliance/lifetime::adding_again_without_a_lifetime_removes_it",
    )
    .given(LIVES),
    asks(
        "5.2",
        "MUST",
        "an unknown key type is answered with FAILURE",
        "compliance/identities::an_unknown_key_type_is_refused",
    ),
    asks(
        "5.2.2",
        "–",
        "the curve is that of the key type",
        "compliance/identities::a_curve_that_contradicts_the_type_is_refused",
    ),
    asks(
        "5.2.3",
        "–",
        "the two public halves of an EdDSA key belong to its private one",
        "compliance/identities::halves_that_do_not_belong_together",
    ),
    asks("5.2.4", "–", "RSA keys sign", "compliance/signing::rsa_of_3072_bits_signs"),
    asks(
        "5.2.5",
        "MAY",
        "certificates of every key type sign",
        "compliance/certificates::k1_every_key_type_signs_under_its_certificate",
    ),
    asks(
        "5.2.5",
        "MAY",
        "keys of FIDO tokens are taken",
        "compliance/identities::a_fido_key_is_taken",
    ),
    asks(
        "5.2.6",
        "MUST",
        "a token that is not recognised, or none at all, is answered with FAILURE",
        "compliance/malformed::smartcard_requests_without_a_card_fail",
    ),
    asks(
        "5.2.7",
        "MUST",
        "an unknown constraint refuses the key",
        "compliance/lifetime::c2_an_unknown_constraint_refuses_the_key",
    ),
    asks(
        "5.2.7",
        "MUST",
        "a refused add leaves the key that is there",
        "compliance/lifetime::c2_a_refused_add_leaves_the_key_that_is_there",
    ),
    asks(
        "5.2.7",
        "–",
        "constraints may stand in any order",
        "compliance/lifetime::c2_constraints_in_any_order_are_honoured",
    )
    .given(LIVES),
    asks(
        "5.2.7",
        "–",
        "a constraint that is cut short adds nothing",
        "compliance/malformed::every_shortened_constraint_fails_and_adds_nothing",
    ),
    asks(
        "5.2.7.1",
        "–",
        "a key is gone when its time is over",
        "compliance/lifetime::a_key_is_gone_when_its_time_is_over",
    )
    .given(LIVES),
    asks(
        "5.2.7.1",
        "–",
        "the time counts from the add, whatever is used",
        "compliance/lifetime::use_does_not_lengthen_a_life",
    )
    .given(LIVES),
    asks(
        "5.2.7.1",
        "–",
        "the longest lifetime does not wrap",
        "compliance/lifetime::the_longest_lifetime_does_not_wrap",
    )
    .given(LIVES),
    asks("5.2.7.2", "–", "each use is asked about", "compliance/confirmation::each_use_asks_again")
        .given(ASKS),
    asks(
        "5.2.7.2",
        "–",
        "without anybody to ask the answer is no",
        "compliance/confirmation::without_a_helper_the_answer_is_no",
    )
    .given(ASKS),
    asks(
        "5.2.7.3",
        "MUST",
        "an unknown constraint extension refuses the key",
        "compliance/lifetime::c2_an_unknown_extension_refuses_the_key",
    ),
    asks(
        "5.3",
        "–",
        "a key is named by its blob, and by nothing else",
        "compliance/malformed::a_key_blob_that_is_no_key_fails",
    ),
    asks(
        "5.4",
        "SHOULD",
        "removing all removes all",
        "compliance/identities::remove_all_removes_all",
    ),
    asks(
        "5.4",
        "SHOULD",
        "removing all is honoured whatever the policy: also while locked",
        "compliance/locking::a_locked_agent_refuses_everything_else",
    )
    .not_kept_by_who_passes()
    .given(LOCKS),
    asks("5.4", "MUST", "a key is removed, once", "compliance/identities::a_key_is_removed_once"),
    asks(
        "5.4",
        "MUST",
        "removing an unknown key is answered with FAILURE",
        "compliance/identities::an_unknown_key_is_not_removed",
    ),
    asks(
        "5.5",
        "MUST",
        "a list says how many keys follow, and they do",
        "compliance/identities::an_empty_agent_lists_nothing",
    ),
    asks(
        "5.5",
        "–",
        "a list of many keys arrives whole",
        "compliance/frames::p7_a_list_of_many_keys_arrives_whole",
    ),
    asks("5.6", "MUST", "keys of every type sign", "compliance/signing::every_key_type_signs"),
    asks(
        "5.6",
        "MUST",
        "a flag that is not supported is answered with FAILURE",
        "compliance/signing::p2_an_unknown_flag",
    ),
    asks(
        "5.6",
        "MUST",
        "an unknown key is answered with FAILURE",
        "compliance/signing::an_unknown_key_does_not_sign",
    ),
    asks(
        "5.6",
        "MUST",
        "a refused confirmation is answered with FAILURE",
        "compliance/confirmation::a_no_does_not",
    )
    .given(ASKS),
    asks(
        "5.6",
        "–",
        "a request that is cut short is answered with FAILURE",
        "compliance/malformed::every_shortened_sign_request_fails",
    ),
    asks(
        "5.6.1",
        "–",
        "flag 2 asks for rsa-sha2-256",
        "compliance/signing::p1_rsa_signs_with_sha_256_when_asked",
    ),
    asks(
        "5.6.1",
        "–",
        "flag 4 asks for rsa-sha2-512",
        "compliance/signing::p1_rsa_signs_with_sha_512_when_asked",
    ),
    asks(
        "5.6.1",
        "–",
        "flags for RSA do not keep other keys from signing",
        "compliance/signing::rsa_flags_do_not_disturb_other_keys",
    ),
    asks(
        "5.7",
        "MUST",
        "a locked agent signs nothing",
        "compliance/locking::every_key_type_signs_after_unlocking",
    )
    .given(LOCKS),
    asks(
        "5.7",
        "MUST",
        "locking twice is answered with FAILURE",
        "compliance/locking::locking_twice_fails_and_keeps_the_first_passphrase",
    )
    .given(LOCKS),
    asks(
        "5.7",
        "MUST",
        "the passphrase it was locked with unlocks it",
        "compliance/locking::unlocking_brings_the_keys_back",
    )
    .given(LOCKS),
    asks(
        "5.7",
        "MUST",
        "another one does not",
        "compliance/locking::a_wrong_passphrase_does_not_unlock",
    )
    .given(LOCKS),
    asks(
        "5.7",
        "MUST",
        "unlocking an unlocked agent is answered with FAILURE",
        "compliance/locking::unlocking_an_unlocked_agent_fails",
    )
    .given(LOCKS),
    asks(
        "5.7",
        "MUST",
        "a LOCK that is cut short is answered with FAILURE",
        "compliance/malformed::a_shortened_lock",
    )
    .given(LOCKS),
    asks(
        "5.8",
        "MUST",
        "an unknown extension is answered with FAILURE",
        "compliance/extensions::an_unknown_extension_fails_plainly",
    ),
    asks(
        "5.8.1",
        "SHOULD",
        "`query` is answered with the names of extensions",
        "compliance/extensions::query_names_the_extensions",
    ),
    asks("5.8.1", "–", "it is answered once", "compliance/extensions::query_is_answered_once")
        .given("compliance/extensions::query_names_the_extensions"),
    asks(
        "6",
        "–",
        "several clients share the keys",
        "compliance/identities::keys_are_shared_by_all_connections",
    ),
    asks(
        "6",
        "–",
        "two hundred connections stay open",
        "compliance/frames::two_hundred_idle_connections_are_held",
    ),
    asks(
        "8.1.1",
        "MAY",
        "number 9 of SSH 1 removes these keys too",
        "compliance/identities::the_old_remove_all_removes_all_too",
    ),
    asks(
        "10",
        "SHOULD",
        "only its owner reaches the agent",
        "hardening/other_user::gets_no_answer_whatever_the_modes",
    ),
    asks(
        "10",
        "SHOULD",
        "other processes cannot read its memory",
        "hardening/same_user::cannot_copy_from_its_memory",
    ),
    asks(
        "10",
        "SHOULD",
        "no debugger attaches to it",
        "hardening/same_user::cannot_become_its_debugger",
    ),
    asks(
        "10",
        "SHOULD",
        "it leaves no core file",
        "hardening/core_files::an_agent_that_aborts_leaves_no_core",
    ),
    asks(
        "10",
        "SHOULD",
        "forwarded connections get controls of their own",
        "compliance/destinations::a_host_from_which_nothing_is_permitted_sees_no_key",
    )
    .given(RESTRICTS),
    asks(
        "10",
        "SHOULD",
        "only trusted libraries are loaded: none",
        "hardening/provider::a_library_that_was_named_is_never_loaded",
    ),
    asks(
        "10",
        "SHOULD",
        "each wrong unlock waits longer",
        "compliance/locking::each_wrong_unlock_waits_longer",
    )
    .given(LOCKS),
    asks(
        "PROTOCOL.agent 1 (session-bind)",
        "–",
        "host keys of every type bind",
        "compliance/binding::p4_every_host_key_type_binds",
    )
    .given(BINDS),
    asks(
        "PROTOCOL.agent 1 (session-bind)",
        "–",
        "host certificates bind",
        "compliance/binding::p4_a_host_certificate_binds",
    )
    .given(BINDS),
    asks(
        "PROTOCOL.agent 1 (session-bind)",
        "–",
        "the host's signature is verified",
        "compliance/binding::p4_a_damaged_signature_fails",
    )
    .given(BINDS),
    asks(
        "PROTOCOL.agent 1 (session-bind)",
        "–",
        "it is that of this session",
        "compliance/binding::p4_a_signature_over_another_session_fails",
    )
    .given(BINDS),
    asks(
        "PROTOCOL.agent 1 (session-bind)",
        "–",
        "a session under another host key is refused",
        "compliance/binding::a_session_under_another_host_key_fails",
    )
    .given(BINDS),
    asks(
        "PROTOCOL.agent 1 (session-bind)",
        "–",
        "a bind behind one for a login is refused",
        "compliance/binding::a_bind_behind_a_login_bind_fails",
    )
    .given(BINDS),
    asks(
        "PROTOCOL.agent 1 (session-bind)",
        "–",
        "after a failed bind restricted keys are refused",
        "compliance/binding::p5_after_a_failed_bind_restricted_keys_are_refused",
    )
    .given(BINDS),
    asks(
        "PROTOCOL.agent 1 (session-bind)",
        "–",
        "binds count while the agent is locked",
        "compliance/binding::p4b_a_bind_is_recorded_while_locked",
    )
    .given(BINDS),
    asks(
        "PROTOCOL.agent 1 (session-bind)",
        "–",
        "bytes behind a bind refuse it",
        "compliance/binding::bytes_behind_a_bind",
    )
    .given(BINDS),
    asks(
        "PROTOCOL.agent 2 (restrict-destination)",
        "–",
        "a login at the permitted host is signed",
        "compliance/destinations::a_login_at_the_permitted_host_is_signed",
    )
    .given(RESTRICTS),
    asks(
        "PROTOCOL.agent 2 (restrict-destination)",
        "–",
        "one at another host is not",
        "compliance/destinations::a_login_at_another_host_is_refused",
    )
    .given(RESTRICTS),
    asks(
        "PROTOCOL.agent 2 (restrict-destination)",
        "–",
        "an unbound connection never signs",
        "compliance/destinations::an_unbound_connection_never_signs",
    )
    .given(RESTRICTS),
    asks(
        "PROTOCOL.agent 2 (restrict-destination)",
        "–",
        "what is no login is not signed",
        "compliance/destinations::data_that_is_no_login_is_refused",
    )
    .given(RESTRICTS),
    asks(
        "PROTOCOL.agent 2 (restrict-destination)",
        "–",
        "the account is checked",
        "compliance/destinations::another_user_is_refused",
    )
    .given(RESTRICTS),
    asks(
        "PROTOCOL.agent 2 (restrict-destination)",
        "–",
        "every hop must be permitted",
        "compliance/destinations::a_forwarded_step_needs_the_first_hop_too",
    )
    .given(RESTRICTS),
    asks(
        "PROTOCOL.agent 2 (restrict-destination)",
        "–",
        "a forwarded login must name the host key",
        "compliance/destinations::a_forwarded_login_must_name_the_host_key",
    )
    .given(RESTRICTS),
    asks(
        "PROTOCOL.agent 2 (restrict-destination)",
        "–",
        "a hidden key cannot be removed",
        "compliance/destinations::a_hidden_key_cannot_be_removed",
    )
    .given(RESTRICTS),
    asks(
        "PROTOCOL.agent 2 (restrict-destination)",
        "–",
        "host certificates count by their authority",
        "compliance/destinations::a_host_certificate_of_the_authority_is_accepted",
    )
    .given(RESTRICTS),
    asks(
        "PROTOCOL.agent 2 (restrict-destination)",
        "–",
        "a key for no destination at all is refused",
        "compliance/destinations::no_destination_at_all",
    )
    .given(RESTRICTS),
];
