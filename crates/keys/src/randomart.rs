//! The picture of a fingerprint, as `ssh-keygen -lv` draws it.
//!
//! A walk over a small field, two bits of the hash to a step; what is drawn is how often the
//! walk came by. For eyes only: two keys can have pictures that look alike.

use crate::{HashKind, PublicKey};

const WIDTH: usize = 17;
const HEIGHT: usize = 9;
/// What stands for no visit, one visit, two, …; more than the last are drawn as the last.
const VISITS: &[u8] = b" .o+=*BOX@%&#/^";
const START: char = 'S';
const END: char = 'E';
/// OpenSSH writes title and foot into a buffer of 17 bytes, of which one is for the NUL.
const TITLE_BUFFER: usize = 17;

/// The picture of a key's fingerprint (of a certificate's key for a certificate): eleven lines,
/// each with its line end.
#[must_use]
pub fn randomart(key: &PublicKey, hash: HashKind) -> String {
    let fingerprint = key.fingerprint(hash);
    let walk = Walk::of(fingerprint.as_bytes());
    let foot = format!("[{}]", hash.name());
    let mut picture = border(&title(key));
    for y in 0..HEIGHT {
        picture.push('|');
        picture.extend((0..WIDTH).map(|x| walk.drawn(x, y)));
        picture.push_str("|\n");
    }
    picture.push_str(&border(&foot));
    picture
}

/// Type and bits; the type alone where both have no room.
fn title(key: &PublicKey) -> String {
    let name = key.short_name();
    let mut title = format!("[{name} {}]", key.bits());
    if title.len() > TITLE_BUFFER {
        title = format!("[{name}]");
    }
    // One that just does not fit loses its bracket there, and so here.
    title.truncate(TITLE_BUFFER - 1);
    title
}

fn border(text: &str) -> String {
    let before = (WIDTH - text.len()) / 2;
    let after = WIDTH - text.len() - before;
    format!("+{}{text}{}+\n", "-".repeat(before), "-".repeat(after))
}

struct Walk {
    visits: [[u8; WIDTH]; HEIGHT],
    end: (usize, usize),
}

impl Walk {
    fn of(hash: &[u8]) -> Self {
        let mut visits = [[0_u8; WIDTH]; HEIGHT];
        let (mut x, mut y) = (WIDTH / 2, HEIGHT / 2);
        for step in hash.iter().flat_map(|byte| [0, 2, 4, 6].map(|shift| byte >> shift)) {
            x = moved(x, step & 1 != 0, WIDTH);
            y = moved(y, step & 2 != 0, HEIGHT);
            visits[y][x] = visits[y][x].saturating_add(1);
        }
        Self { visits, end: (x, y) }
    }

    fn drawn(&self, x: usize, y: usize) -> char {
        if (x, y) == self.end {
            END
        } else if (x, y) == (WIDTH / 2, HEIGHT / 2) {
            START
        } else {
            char::from(VISITS[usize::from(self.visits[y][x]).min(VISITS.len() - 1)])
        }
    }
}

/// One step along an axis; the walls stop it.
fn moved(at: usize, forward: bool, length: usize) -> usize {
    if forward { (at + 1).min(length - 1) } else { at.saturating_sub(1) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::PrivateKey;

    #[test]
    fn a_title_that_is_too_long_is_cut_as_openssh_cuts_it() {
        let top =
            |key: &PublicKey| randomart(key, HashKind::Sha256).lines().next().map(str::to_owned);
        let short = PrivateKey::ed25519_from_seed(&[1; 32]);
        assert_eq!(top(short.public()).as_deref(), Some("+--[ED25519 256]--+"));
        let long = PrivateKey::ml_dsa44_ed25519_from_seeds(&[1; 32], &[2; 32]);
        assert_eq!(top(long.public()).as_deref(), Some("+[MLDSA44-ED25519-+"));
    }

    #[test]
    fn a_walk_against_the_walls_stays_inside_and_its_visits_have_an_end() {
        for byte in [0x00, 0x55, 0xaa, 0xff] {
            let walk = Walk::of(&[byte; 200]);
            let (x, y) = walk.end;
            assert!(x == 0 || x == WIDTH - 1, "{x}");
            assert!(y == 0 || y == HEIGHT - 1, "{y}");
            assert_eq!(walk.drawn(x, y), 'E');
            assert_eq!(walk.drawn(WIDTH / 2, HEIGHT / 2), 'S');
        }
    }
}
