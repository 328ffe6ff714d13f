//! What holds for every message to the starter and every answer of it, for `tests/fuzz`. Not a part
//! of the crate otherwise.

use std::ffi::OsStr;
use std::os::unix::ffi::OsStrExt as _;

use super::message::{self, MAX_MESSAGE, Message, Plan};
use super::{Manner, Order, Recipe, Words};

/// Reads these bytes as a message, and does nothing else.
#[cfg(fuzzing)]
pub(crate) fn decode(bytes: &[u8], menu: &[Recipe]) {
    let _ = message::read(bytes, menu);
}

/// Reads these bytes as a message and as an answer, and orders what they say.
///
/// # Panics
/// When something is taken that the menu does not allow, or is not read as it was written.
pub(crate) fn read(bytes: &[u8]) {
    if bytes.len() > MAX_MESSAGE {
        return;
    }
    let menu = menu();
    match message::read(bytes, &menu) {
        Some(Message::Start(plan)) => takes(&plan, &menu, bytes.len()),
        Some(Message::Environment(pid)) => assert_eq!(message::environment(pid), bytes),
        Some(Message::Line) => assert_eq!(message::line(), bytes),
        None => {}
    }
    match message::outcome(bytes) {
        Ok(found) => assert_eq!(message::answer(Ok(found.to_vec())), bytes),
        Err(error) if error.raw_os_error().is_some() => {
            assert_eq!(message::answer(Err(error)), bytes);
        }
        Err(_) => {}
    }
    orders(bytes, &menu);
}

/// What was read is on the menu, and is read the same again.
#[allow(clippy::expect_used, reason = "a fuzz target says what is wrong by ending")]
fn takes(plan: &Plan, menu: &[Recipe], length: usize) {
    let recipe = &menu[plan.recipe];
    assert!(is_allowed(recipe, plan));
    let order =
        Order { recipe: plan.recipe, words: plan.words.clone(), variables: plan.variables.clone() };
    let written = message::start(&order, recipe).expect("as long as what was read");
    assert_eq!(written.len(), length);
    assert!(is_read_as(&written, menu, &order));
}

/// The first byte chooses from the menu; the rest are words, and the last of them a variable.
fn orders(bytes: &[u8], menu: &[Recipe]) {
    let Some((choice, rest)) = bytes.split_first() else { return };
    let recipe = usize::from(*choice) % menu.len();
    let mut words: Vec<_> =
        rest.split(|byte| *byte == 0).map(|word| OsStr::from_bytes(word).to_owned()).collect();
    let value = words.pop().filter(|_| choice & 0x80 == 0);
    let variables = menu[recipe].variables.first().map(|name| (*name, value)).into_iter().collect();
    let order = Order { recipe, words, variables };
    // Too much for a message otherwise.
    let Ok(written) = message::start(&order, &menu[recipe]) else { return };
    let Order { recipe, words, variables } = order.clone();
    let allowed = is_allowed(&menu[recipe], &Plan { recipe, words, variables });
    assert_eq!(is_read_as(&written, menu, &order), allowed);
}

fn is_read_as(written: &[u8], menu: &[Recipe], order: &Order) -> bool {
    let Some(Message::Start(plan)) = message::read(written, menu) else { return false };
    plan.recipe == order.recipe && plan.words == order.words && plan.variables == order.variables
}

fn is_allowed(recipe: &Recipe, plan: &Plan) -> bool {
    let words = match (&recipe.words, &plan.words[..]) {
        (Words::Of(known), words) => words.iter().all(|word| known.contains(word)),
        (Words::Text, [text]) => text.as_bytes().first() != Some(&b'-'),
        (Words::Text, _) => false,
    };
    words && plan.variables.iter().all(|(name, _)| recipe.variables.contains(name))
}

/// A program of each kind.
pub(crate) fn menu() -> [Recipe; 2] {
    let recipe = |words, variables: &[&'static str]| Recipe {
        program: "/bin/true".into(),
        name: None,
        arguments: Vec::new(),
        words,
        environment: None,
        variables: variables.to_vec(),
        manner: Manner::Helper,
    };
    [
        recipe(Words::Of(vec!["a".into(), "--b".into()]), &["one", "two"]),
        recipe(Words::Text, &["one"]),
    ]
}

#[cfg(test)]
mod tests {
    use std::io;

    use super::*;

    #[test]
    fn what_is_said_to_the_starter_is_read_as_it_was_said_or_refused() {
        let menu = menu();
        let order = |recipe, words: &[&str], value: Option<&str>| {
            let words = words.iter().map(Into::into).collect();
            let variables = vec![("one", value.map(Into::into))];
            message::start(&Order { recipe, words, variables }, &menu[recipe]).unwrap()
        };
        let good = [
            order(0, &["a", "--b"], None),
            order(1, &["Allow?"], Some(":0")),
            message::environment(42),
            message::line(),
            message::answer(Ok(b"HOME=/".to_vec())),
            message::answer(Err(io::Error::from_raw_os_error(libc::EPERM))),
        ];
        for message in good {
            read(&message);
            for at in 0..message.len() {
                for byte in [0, 1, 2, 3, b'-', 0x80, 0xff] {
                    let mut changed = message.clone();
                    changed[at] = byte;
                    read(&changed);
                }
                read(&message[..at]);
            }
        }
    }

    #[test]
    fn what_is_not_on_the_menu_is_refused() {
        let menu = menu();
        let start = |recipe: usize, words: &[&str]| {
            let words = words.iter().map(Into::into).collect();
            message::start(&Order { recipe, words, variables: Vec::new() }, &menu[recipe]).unwrap()
        };
        assert!(message::read(&start(0, &["a", "--b"]), &menu).is_some());
        assert!(message::read(&start(0, &["a", "c"]), &menu).is_none());
        assert!(message::read(&start(1, &["text"]), &menu).is_some());
        assert!(message::read(&start(1, &["--option"]), &menu).is_none());
        assert!(message::read(&start(1, &["two", "texts"]), &menu).is_none());
        // A program, and a variable, that there is not.
        assert!(message::read(&[1, 2, 0], &menu).is_none());
        assert!(message::read(&[1, 0, 0, 2, 0], &menu).is_none());
    }
}
