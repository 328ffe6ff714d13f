//! Who may do what with a file or a folder: its owner and its access list, and who of them is a
//! stranger.
//!
//! The rule is that of Win32-OpenSSH (`check_secure_file_permission`), which refuses what others may
//! touch: the account itself, the system, its administrators and its installer may do everything;
//! nobody else may have an entry that allows something, whoever another entry denies it to. Other than
//! there, entries that are only for what will be made inside count for nothing, those of whoever owns
//! the object count as the owner's, and conditional entries count as if the condition held.
//!
//! A volume without such lists answers that everybody may do everything, which is true.

use std::fs::{File, OpenOptions};
use std::io;
use std::os::windows::fs::OpenOptionsExt as _;
use std::os::windows::io::AsHandle as _;
use std::path::Path;

use windows_sys::Win32::Foundation::{GENERIC_ALL, GENERIC_WRITE};
use windows_sys::Win32::Security::{
    ACE_HEADER, ACE_INHERITED_OBJECT_TYPE_PRESENT, ACE_OBJECT_TYPE_PRESENT, ACL, GetAce,
    GetSecurityDescriptorDacl, INHERIT_ONLY_ACE, IsValidAcl,
};
use windows_sys::Win32::Storage::FileSystem::{
    DELETE, FILE_APPEND_DATA, FILE_DELETE_CHILD, FILE_FLAG_BACKUP_SEMANTICS,
    FILE_FLAG_OPEN_REPARSE_POINT, FILE_WRITE_ATTRIBUTES, FILE_WRITE_DATA, FILE_WRITE_EA,
    READ_CONTROL, WRITE_DAC, WRITE_OWNER,
};
use windows_sys::Win32::System::SystemServices::{
    ACCESS_ALLOWED_ACE_TYPE, ACCESS_ALLOWED_CALLBACK_ACE_TYPE,
    ACCESS_ALLOWED_CALLBACK_OBJECT_ACE_TYPE, ACCESS_ALLOWED_OBJECT_ACE_TYPE,
};

use super::account::Account;
use super::descriptor::Descriptor;

/// Every right there is.
pub const ANY: u32 = u32::MAX;

/// What changes a file, what is in a folder, or who may do so.
pub const CHANGING: u32 = FILE_WRITE_DATA
    | FILE_APPEND_DATA
    | FILE_WRITE_EA
    | FILE_WRITE_ATTRIBUTES
    | FILE_DELETE_CHILD
    | DELETE
    | WRITE_DAC
    | WRITE_OWNER
    | GENERIC_WRITE
    | GENERIC_ALL;

/// Owner and list of one object.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Access {
    owner: Account,
    /// Whom it allows what; none where there is no list.
    allowed: Option<Vec<Allowed>>,
}

/// An entry of a list that allows something now.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Allowed {
    account: Account,
    rights: u32,
}

/// Who may, and is neither this account nor one that may everything anyway.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Others {
    /// The owner, who may always take every right.
    pub owner: Option<Account>,
    /// Whom the list allows it, in its order.
    pub allowed: Vec<Account>,
}

impl Others {
    /// There are none.
    #[must_use]
    pub fn is_nobody(&self) -> bool {
        self.owner.is_none() && self.allowed.is_empty()
    }
}

impl Access {
    /// Of a file that is open for reading.
    ///
    /// # Errors
    /// The system's refusal.
    pub fn of(file: &File) -> io::Result<Self> {
        Self::read(&Descriptor::of_open(file.as_handle())?)
    }

    /// Of a file or folder; links are followed.
    ///
    /// # Errors
    /// The system's refusal.
    pub fn at(path: &Path) -> io::Result<Self> {
        let mut options = OpenOptions::new();
        // A folder is opened so too, and so is what may not be read.
        options.access_mode(READ_CONTROL).custom_flags(FILE_FLAG_BACKUP_SEMANTICS);
        Self::of(&options.open(path)?)
    }

    /// The same, of what has this name itself: a link, or a socket.
    ///
    /// # Errors
    /// The system's refusal.
    pub fn at_itself(path: &Path) -> io::Result<Self> {
        let mut options = OpenOptions::new();
        let flags = FILE_FLAG_BACKUP_SEMANTICS | FILE_FLAG_OPEN_REPARSE_POINT;
        options.access_mode(READ_CONTROL).custom_flags(flags);
        Self::of(&options.open(path)?)
    }

    /// Who else may do some of this. Where an entry names this account by a name it had in another
    /// domain, nobody else is meant.
    #[must_use]
    pub fn others(&self, rights: u32) -> Others {
        let Ok(own) = Account::own() else {
            // Who cannot be told apart from strangers is told of.
            return self.strangers(rights, |_| false);
        };
        let mut others = self.strangers(rights, |account| *account == own);
        if !others.is_nobody() {
            let name = own.name();
            let is_own = |account: &Account| name.is_some() && account.name() == name;
            others.allowed.retain(|account| !is_own(account));
        }
        others
    }

    fn strangers(&self, rights: u32, is_own: impl Fn(&Account) -> bool) -> Others {
        let is_stranger = |account: &Account| !is_own(account) && !account.may_everything();
        let owner = Some(self.owner.clone()).filter(is_stranger);
        let Some(list) = &self.allowed else {
            return Others { owner, allowed: vec![Account::everybody()] };
        };
        let mut allowed: Vec<Account> = Vec::new();
        for entry in list.iter().filter(|entry| entry.rights & rights != 0) {
            let account = &entry.account;
            // Of the owner it is told above whether that is a stranger.
            if is_stranger(account) && !account.is_the_owner() && !allowed.contains(account) {
                allowed.push(account.clone());
            }
        }
        Others { owner, allowed }
    }

    fn read(descriptor: &Descriptor) -> io::Result<Self> {
        let owner = descriptor.owner().map_err(|_| nonsense())?;
        let mut by_default = 0;
        let (mut is_there, mut list) = (0, std::ptr::null_mut::<ACL>());
        // SAFETY: as above.
        let done = unsafe {
            GetSecurityDescriptorDacl(
                descriptor.as_ptr(),
                &raw mut is_there,
                &raw mut list,
                &raw mut by_default,
            )
        };
        if done == 0 {
            return Err(io::Error::last_os_error());
        }
        if is_there == 0 || list.is_null() {
            return Ok(Self { owner, allowed: None });
        }
        // SAFETY: it lies in the descriptor, which lives.
        Ok(Self { owner, allowed: Some(unsafe { entries(list) }?) })
    }
}

/// Those that allow something now.
///
/// # Safety
/// It is a list in memory that lives as long as this call.
unsafe fn entries(list: *const ACL) -> io::Result<Vec<Allowed>> {
    // SAFETY: by the contract.
    if unsafe { IsValidAcl(list) } == 0 {
        return Err(nonsense());
    }
    // SAFETY: a valid list begins with this.
    let count = unsafe { (*list).AceCount };
    let mut found = Vec::new();
    for number in 0..count {
        let mut entry = std::ptr::null_mut();
        // SAFETY: the list is valid and has so many; the place goes to a variable of ours.
        if unsafe { GetAce(list, number.into(), &raw mut entry) } == 0 {
            return Err(io::Error::last_os_error());
        }
        // SAFETY: an entry of a valid list.
        found.extend(unsafe { allowed(entry.cast()) }?);
    }
    Ok(found)
}

/// What an entry allows now; none where it denies, audits or is for what will be made inside.
///
/// # Safety
/// It is an entry of a valid list.
unsafe fn allowed(entry: *const u8) -> io::Result<Option<Allowed>> {
    // SAFETY: every entry begins with it.
    let header: ACE_HEADER = unsafe { entry.cast::<ACE_HEADER>().read_unaligned() };
    let has_guids = match u32::from(header.AceType) {
        ACCESS_ALLOWED_ACE_TYPE | ACCESS_ALLOWED_CALLBACK_ACE_TYPE => false,
        ACCESS_ALLOWED_OBJECT_ACE_TYPE | ACCESS_ALLOWED_CALLBACK_OBJECT_ACE_TYPE => true,
        _ => return Ok(None),
    };
    if u32::from(header.AceFlags) & INHERIT_ONLY_ACE != 0 {
        return Ok(None);
    }
    // SAFETY: an entry of a valid list is as long as it says.
    let bytes = unsafe { std::slice::from_raw_parts(entry, header.AceSize.into()) };
    let word = |at: usize| {
        let word = bytes.get(at..).and_then(|rest| rest.first_chunk::<4>());
        word.map(|word| u32::from_le_bytes(*word)).ok_or_else(nonsense)
    };
    let rights = word(4)?;
    let at = if has_guids {
        let flags = word(8)?;
        let guids = [ACE_OBJECT_TYPE_PRESENT, ACE_INHERITED_OBJECT_TYPE_PRESENT];
        12 + 16 * guids.iter().filter(|guid| flags & **guid != 0).count()
    } else {
        8
    };
    let sid = bytes.get(at..).unwrap_or_default();
    // A head of eight bytes, whose second says how many words follow.
    let length = sid.get(1).map_or(usize::MAX, |words| 8 + 4 * usize::from(*words));
    if sid.len() < length {
        return Err(nonsense());
    }
    // SAFETY: all of it is inside the entry.
    let account = unsafe { Account::at(sid.as_ptr().cast_mut().cast()) }?;
    Ok(Some(Allowed { account, rights }))
}

fn nonsense() -> io::Error {
    io::Error::new(io::ErrorKind::InvalidData, "its access list cannot be read")
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "tests")]
mod tests {
    use super::*;

    /// `O:` is owned by it, an administrator of this machine's making.
    const OWN: &str = "S-1-5-21-11-22-33-1001";
    const OTHER: &str = "S-1-5-21-11-22-33-1002";

    fn access(text: &str) -> Access {
        let text = text.replace("OWN", OWN).replace("OTHER", OTHER);
        Access::read(&Descriptor::of(&text).unwrap()).unwrap()
    }

    fn strangers(text: &str, rights: u32) -> (bool, Vec<String>) {
        let found = access(text).strangers(rights, |account| account.to_string() == OWN);
        (found.owner.is_some(), found.allowed.iter().map(ToString::to_string).collect())
    }

    #[track_caller]
    fn is_closed(text: &str) {
        assert_eq!(strangers(text, ANY), (false, vec![]), "{text}");
    }

    #[track_caller]
    fn is_open_to(text: &str, expected: &[&str]) {
        assert_eq!(strangers(text, ANY).1, expected, "{text}");
    }

    #[test]
    fn a_file_of_ours_the_system_and_the_administrators_is_closed() {
        for owner in ["OWN", "SY", "BA"] {
            is_closed(&format!("O:{owner}D:P(A;;FA;;;OWN)(A;;FA;;;SY)(A;;FA;;;BA)"));
            is_closed(&format!("O:{owner}D:(A;ID;FA;;;OWN)(A;ID;FA;;;SY)(A;ID;FA;;;BA)"));
        }
        let installer = "S-1-5-80-956008885-3418522649-1831038044-1853292631-2271478464";
        is_closed(&format!("O:{installer}D:P(A;;FA;;;{installer})"));
        // Nobody at all: the owner may still change that.
        is_closed("O:OWND:P");
    }

    #[test]
    fn an_owner_who_is_a_stranger_may_take_every_right() {
        for owner in ["OTHER", "BU", "WD", "SU"] {
            let found = strangers(&format!("O:{owner}D:P(A;;FA;;;OWN)"), ANY);
            assert_eq!(found, (true, vec![]), "{owner}");
        }
    }

    #[test]
    fn whoever_is_allowed_anything_is_a_stranger() {
        let groups =
            [("WD", "S-1-1-0"), ("BU", "S-1-5-32-545"), ("AU", "S-1-5-11"), ("OTHER", OTHER)];
        for (who, sid) in groups {
            for rights in ["FA", "FR", "FW", "FX", "GA", "GR", "GW", "0x1", "RC", "WD", "WO", "SD"]
            {
                is_open_to(&format!("O:OWND:P(A;;FA;;;OWN)(A;;{rights};;;{who})"), &[sid]);
                is_open_to(&format!("O:OWND:(A;ID;{rights};;;{who})(A;;FA;;;OWN)"), &[sid]);
            }
        }
        // Whose SID begins or ends as one that is trusted is not that one.
        for sid in
            ["S-1-5-21-11-22-33-10011", "S-1-5-32-5440", "S-1-5-180", "S-1-5-22-11-22-33-1001"]
        {
            is_open_to(&format!("O:OWND:P(A;;FR;;;{sid})"), &[sid]);
        }
        // Each once, in the order of the list.
        is_open_to("O:OWND:P(A;;FR;;;BU)(A;;FR;;;OTHER)(A;;FW;;;BU)", &["S-1-5-32-545", OTHER]);
    }

    #[test]
    fn what_denies_audits_or_is_for_others_inside_lets_nobody_in() {
        is_closed("O:OWND:P(D;;FA;;;WD)(A;;FA;;;OWN)");
        is_closed("O:OWND:P(A;OICIIO;FA;;;WD)(A;;FA;;;OWN)");
        is_closed("O:OWND:P(A;;FA;;;OWN)S:(AU;SAFA;FA;;;WD)");
        // Inherited, and for this object too.
        is_open_to("O:OWND:(A;OICIID;FR;;;WD)", &["S-1-1-0"]);
        // What is denied to them is allowed to somebody who is no member of that.
        is_open_to("O:OWND:P(D;;FA;;;OTHER)(A;;FR;;;OTHER)", &[OTHER]);
    }

    #[test]
    fn the_owners_rights_are_the_owners() {
        is_closed("O:OWND:P(A;;FA;;;OW)");
        assert_eq!(strangers("O:OTHERD:P(A;;FA;;;OW)", ANY), (true, vec![]));
    }

    #[test]
    fn without_a_list_everybody_may_everything() {
        is_open_to("O:OWN", &["S-1-1-0"]);
    }

    #[test]
    fn rights_are_told_apart() {
        for (rights, changes) in [
            ("FR", false),
            ("FX", false),
            ("RC", false),
            ("GR", false),
            ("FA", true),
            ("FW", true),
            ("GA", true),
            ("GW", true),
            ("WD", true),
            ("WO", true),
            ("SD", true),
            ("0x2", true),
            ("0x4", true),
            ("0x40", true),
            ("0x1200a9", false),
        ] {
            let text = format!("O:OWND:P(A;;FA;;;OWN)(A;;{rights};;;WD)");
            assert_eq!(strangers(&text, CHANGING).1.is_empty(), !changes, "{rights}");
        }
    }

    #[test]
    fn entries_are_read_to_their_end_and_not_beyond() {
        /// An entry of this kind and flags, with so much of a SID.
        fn entry(kind: u32, body: &[u8]) -> Vec<u8> {
            let size = u16::try_from(4 + body.len()).unwrap();
            [&[u8::try_from(kind).unwrap(), 0], size.to_le_bytes().as_slice(), body].concat()
        }
        fn of(entry: &[u8]) -> io::Result<Option<String>> {
            // SAFETY: an entry that is as long as it says.
            let found = unsafe { allowed(entry.as_ptr()) };
            found.map(|found| found.map(|it| format!("{} {:x}", it.account, it.rights)))
        }
        let rights = 0x0012_0089_u32.to_le_bytes();
        let world = [1_u8, 1, 0, 0, 0, 0, 0, 1, 0, 0, 0, 0];
        let (none, one, two) = (0_u32.to_le_bytes(), 1_u32.to_le_bytes(), 3_u32.to_le_bytes());
        let told = Some("S-1-1-0 120089".to_owned());
        for kind in [ACCESS_ALLOWED_ACE_TYPE, ACCESS_ALLOWED_CALLBACK_ACE_TYPE] {
            assert_eq!(of(&entry(kind, &[&rights[..], &world].concat())).unwrap(), told);
        }
        for kind in [ACCESS_ALLOWED_OBJECT_ACE_TYPE, ACCESS_ALLOWED_CALLBACK_OBJECT_ACE_TYPE] {
            for (flags, guids) in [(none, 0), (one, 16), (two, 32)] {
                let body = [&rights[..], &flags, &vec![9; guids], &world].concat();
                assert_eq!(of(&entry(kind, &body)).unwrap(), told, "{kind} {guids}");
                for end in 0..body.len() {
                    assert!(of(&entry(kind, &body[..end])).is_err(), "{kind} {guids} {end}");
                }
            }
        }
        // A SID that says that it is longer than its entry.
        let long = [1_u8, 15, 0, 0, 0, 0, 0, 1, 0, 0, 0, 0];
        assert!(of(&entry(ACCESS_ALLOWED_ACE_TYPE, &[&rights[..], &long].concat())).is_err());
        for kind in (0..=u32::from(u8::MAX)).filter(|kind| ![0, 5, 9, 11].contains(kind)) {
            assert_eq!(of(&entry(kind, &[&rights[..], &world].concat())).unwrap(), None, "{kind}");
        }
    }

    #[test]
    fn what_is_asked_of_the_system_has_an_owner_and_a_list() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("key");
        std::fs::write(&path, "x").unwrap();
        let of_file = Access::of(&File::open(&path).unwrap()).unwrap();
        assert_eq!(of_file.owner, Account::own().unwrap());
        assert_eq!(Access::at(&path).unwrap(), of_file);
        assert!(Access::at(folder.path()).unwrap().others(CHANGING).owner.is_none());
        assert!(Access::at(&folder.path().join("none")).is_err());
    }
}
