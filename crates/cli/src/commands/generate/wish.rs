//! What the flags say about the kind of key, brought together: type, bits, form and the place it
//! is for. Flags that contradict each other are refused with the reason.

use keyfob_keyfile::PrivateForm;

use super::Wanted;
use super::kind::{self, Family};
use super::profile::Profile;
use crate::exit::Exit;
use crate::voice::Voice;

/// As it was typed.
#[derive(Debug, Default)]
pub(crate) struct Wish {
    /// The type.
    pub(crate) name: Option<String>,
    /// Its size.
    pub(crate) bits: Option<u32>,
    /// Whether a weak one will do.
    pub(crate) weak: bool,
    /// The place it is for.
    pub(crate) profile: Option<String>,
    /// The form.
    pub(crate) form: Option<PrivateForm>,
}

/// What is to be made of it.
#[derive(Debug)]
pub(crate) struct Settled {
    /// `None` when nothing was said.
    pub(crate) wanted: Option<Wanted>,
    /// The form.
    pub(crate) form: PrivateForm,
    /// What to do with the public half there.
    pub(crate) next: Option<String>,
}

impl Wish {
    /// Settles it, or says why it cannot be.
    pub(crate) fn settle(self, voice: Voice) -> Result<Settled, Exit> {
        let typed = self.name.as_deref().unwrap_or_default();
        let refused = |refusal| {
            voice.kind_refused(typed, &refusal);
            Exit::Failure
        };
        let family = self.name.as_deref().map(Family::named).transpose().map_err(refused)?;
        if let Some(name) = &self.profile {
            let Some(profile) = Profile::named(name) else {
                let all = Profile::all();
                let known: Vec<&str> = all.iter().map(|profile| profile.name.as_ref()).collect();
                voice.no_such_profile(name, &known);
                return Err(Exit::Failure);
            };
            return self.settle_for(&profile, family, voice);
        }
        let form = self.form.unwrap_or(PrivateForm::OpenSsh);
        let wanted = match (family, self.bits) {
            (None, None) => None,
            (family, bits) => {
                let kind = family.unwrap_or(Family::Ed25519).of_size(bits).map_err(refused)?;
                if !self.weak {
                    kind::refuse_weak(kind).map_err(refused)?;
                }
                Some(Wanted::new(kind))
            }
        };
        Ok(Settled { wanted, form, next: None })
    }

    fn settle_for(
        &self,
        profile: &Profile,
        family: Option<Family>,
        voice: Voice,
    ) -> Result<Settled, Exit> {
        let settled = || {
            let kind = profile.kind(family, self.bits)?;
            Ok((Wanted::new(kind), profile.form(self.form)?))
        };
        let (wanted, form) = settled().map_err(|conflict| {
            voice.profile_refuses(&conflict);
            Exit::Failure
        })?;
        let next = format!("{}: {}", profile.place, profile.next);
        Ok(Settled { wanted: Some(wanted), form, next: Some(next) })
    }
}
