//! Places that are picky about keys, from a small table (`profiles.toml`).

use std::ops::RangeInclusive;

use keyfob_keyfile::PrivateForm;
use keyfob_keys::generate::Kind;
use serde::Deserialize;

use super::kind::{self, Family, Refusal};
use crate::output;

const TABLE: &str = include_str!("profiles.toml");

/// A place, and what it takes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Profile {
    /// As it is typed.
    pub(crate) name: String,
    /// As it is called.
    pub(crate) place: String,
    /// What it takes, the best first.
    allowed: Vec<Allowed>,
    /// The form of the private half, where it matters.
    pub(crate) form: Option<PrivateForm>,
    /// Why.
    pub(crate) reason: String,
    /// Where the public half goes.
    pub(crate) next: String,
}

/// A type, and for RSA the sizes.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Allowed {
    family: Family,
    bits: Option<RangeInclusive<u32>>,
}

/// Why a wish and a place do not go together.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub(crate) enum Conflict {
    /// No such key anywhere.
    #[error("{0}")]
    Kind(#[from] Refusal),
    /// Not there.
    #[error("{name} takes {takes}, not that: {reason}")]
    Type {
        /// The profile.
        name: String,
        /// What it takes, in words.
        takes: String,
        /// Why.
        reason: String,
    },
    /// Not in this form.
    #[error("{name} needs another format: {reason}")]
    Form {
        /// The profile.
        name: String,
        /// Why.
        reason: String,
    },
}

/// Shows them all.
pub(crate) fn list(as_json: bool) {
    let profiles = Profile::all();
    if as_json {
        output::data(&super::json::profiles(&profiles));
        return;
    }
    let rows = profiles.iter().map(|it| (it.name.as_str(), it.takes(), it.reason.as_str()));
    let rows: Vec<_> =
        std::iter::once(("PROFILE", "TAKES".to_owned(), "WHY")).chain(rows).collect();
    let name = rows.iter().map(|row| row.0.len()).max().unwrap_or(0);
    let takes = rows.iter().map(|row| row.1.len()).max().unwrap_or(0);
    for row in rows {
        output::data_line(format!("{:name$}  {:takes$}  {}", row.0, row.1, row.2));
    }
}

impl Profile {
    /// All of them, by name.
    pub(crate) fn all() -> Vec<Self> {
        // That it can be read is tested; there is nothing to say to a user if it could not.
        read(TABLE).unwrap_or_default()
    }

    /// The one of this name.
    pub(crate) fn named(name: &str) -> Option<Self> {
        Self::all().into_iter().find(|profile| profile.name.eq_ignore_ascii_case(name))
    }

    /// What is made for this place: what was asked for, if it takes that, else its best.
    pub(crate) fn kind(&self, wish: Option<Family>, bits: Option<u32>) -> Result<Kind, Conflict> {
        let families = self
            .allowed
            .iter()
            .filter(|allowed| wish.is_none_or(|wish| family_of(wish) == family_of(allowed.family)));
        let mut kinds = families.filter_map(|allowed| allowed.kind(wish, bits));
        match kinds.next() {
            Some(kind) => Ok(kind),
            None => {
                // What nothing takes is refused for its own reason.
                wish.map(|wish| wish.of_size(bits)).transpose()?;
                Err(Conflict::Type {
                    name: self.name.clone(),
                    takes: self.takes(),
                    reason: self.reason.clone(),
                })
            }
        }
    }

    /// The form for this place.
    pub(crate) fn form(&self, wish: Option<PrivateForm>) -> Result<PrivateForm, Conflict> {
        match (self.form, wish) {
            (Some(needed), Some(wish)) if needed != wish => {
                Err(Conflict::Form { name: self.name.clone(), reason: self.reason.clone() })
            }
            (needed, wish) => Ok(wish.or(needed).unwrap_or(PrivateForm::OpenSsh)),
        }
    }

    /// `ed25519 or rsa 2048-4096`
    pub(crate) fn takes(&self) -> String {
        let words: Vec<String> = self.allowed.iter().map(Allowed::to_string).collect();
        words.join(" or ")
    }
}

/// Two names of one type are one: the curve is a size.
fn family_of(family: Family) -> Family {
    match family {
        Family::Ecdsa(_) => Family::Ecdsa(None),
        other => other,
    }
}

impl Allowed {
    /// The key for this wish; `None` when it is not allowed.
    fn kind(&self, wish: Option<Family>, bits: Option<u32>) -> Option<Kind> {
        let family = wish.unwrap_or(self.family);
        let Some(range) = &self.bits else {
            return family.of_size(bits).ok();
        };
        let usual = kind::USUAL_RSA.clamp(*range.start(), *range.end());
        let bits = bits.unwrap_or(usual);
        range.contains(&bits).then(|| family.of_size(Some(bits)).ok()).flatten()
    }

    fn read(text: &str) -> Option<Self> {
        let (name, sizes) = text.split_once(' ').map_or((text, None), |(n, s)| (n, Some(s)));
        let bits = match sizes {
            Some(sizes) => {
                let (first, last) = sizes.split_once('-').unwrap_or((sizes, sizes));
                Some(first.parse().ok()?..=last.parse().ok()?)
            }
            None => None,
        };
        Some(Self { family: Family::named(name).ok()?, bits })
    }
}

impl std::fmt::Display for Allowed {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.family.short_name())?;
        match &self.bits {
            Some(bits) if bits.start() == bits.end() => write!(f, " {}", bits.start()),
            Some(bits) => write!(f, " {}-{}", bits.start(), bits.end()),
            None => Ok(()),
        }
    }
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    profile: Vec<Row>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Row {
    name: String,
    place: String,
    kinds: Vec<String>,
    format: Option<String>,
    reason: String,
    next: String,
    /// For whoever maintains the table.
    #[serde(rename = "source")]
    _source: String,
}

fn read(table: &str) -> Option<Vec<Profile>> {
    let file: File = toml::from_str(table).ok()?;
    file.profile.into_iter().map(profile).collect()
}

fn profile(row: Row) -> Option<Profile> {
    let allowed: Option<Vec<Allowed>> = row.kinds.iter().map(|text| Allowed::read(text)).collect();
    let form = match &row.format {
        Some(name) => Some(kind::form_named(name)?),
        None => None,
    };
    Some(Profile {
        name: row.name,
        place: row.place,
        allowed: allowed.filter(|list| !list.is_empty())?,
        form,
        reason: row.reason,
        next: row.next,
    })
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "tests")]
    use super::*;

    #[test]
    fn the_table_can_be_read_and_has_the_places_that_were_promised() {
        let names: Vec<String> =
            read(TABLE).unwrap().into_iter().map(|profile| profile.name).collect();
        assert_eq!(
            names,
            [
                "aws-ec2",
                "azure",
                "cisco-csr1000v",
                "enscale",
                "github",
                "gitlab",
                "openstack",
                "vk-cloud",
                "yandex-cloud"
            ]
        );
    }

    #[test]
    fn every_profile_has_a_key_to_make_that_fits_its_form_and_is_not_weak() {
        for profile in Profile::all() {
            let kind = profile.kind(None, None).unwrap();
            let form = profile.form(None).unwrap();
            assert_eq!(kind::no_room(kind, form), None, "{}", profile.name);
            assert_eq!(kind::refuse_weak(kind), Ok(()), "{}", profile.name);
            for text in [&profile.place, &profile.reason, &profile.next] {
                assert!(!text.is_empty() && !text.ends_with('.'), "{text}");
            }
        }
    }

    #[test]
    fn picky_places_get_what_they_take() {
        let made = |name: &str| Profile::named(name).unwrap().kind(None, None).unwrap();
        assert_eq!(made("cisco-csr1000v"), Kind::Rsa { bits: 2048 });
        assert_eq!(made("enscale"), Kind::Rsa { bits: 4096 });
        assert_eq!(made("vk-cloud"), Kind::Rsa { bits: 2048 });
        assert_eq!(made("openstack"), Kind::Rsa { bits: 3072 });
        assert_eq!(made("GitHub"), Kind::Ed25519);
        let vk = Profile::named("vk-cloud").unwrap();
        assert_eq!(vk.form(None), Ok(PrivateForm::Pem));
    }

    #[test]
    fn a_wish_a_place_takes_is_fulfilled_and_another_refused_with_the_reason() {
        let azure = Profile::named("azure").unwrap();
        assert_eq!(azure.kind(Some(Family::Rsa), None), Ok(Kind::Rsa { bits: 3072 }));
        assert_eq!(azure.kind(None, Some(4096)), Ok(Kind::Rsa { bits: 4096 }));
        let told = azure.kind(Some(Family::Ecdsa(None)), None).unwrap_err().to_string();
        assert!(told.contains("ECDSA is not supported"), "{told}");
        let cisco = Profile::named("cisco-csr1000v").unwrap();
        assert!(cisco.kind(Some(Family::Ed25519), None).is_err());
        assert!(cisco.kind(None, Some(4096)).is_err());
        assert!(cisco.kind(Some(Family::Rsa), Some(2048)).is_ok());
        let vk = Profile::named("vk-cloud").unwrap();
        assert!(vk.form(Some(PrivateForm::OpenSsh)).is_err());
        assert!(vk.form(Some(PrivateForm::Pem)).is_ok());
        let wrong = azure.kind(Some(Family::Rsa), Some(1));
        assert_eq!(wrong, Err(Conflict::Kind(Refusal::RsaBits(1))));
    }
}
