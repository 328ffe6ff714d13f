//! The window by which PuTTY's programs find their agent (WM_COPYDATA, PuTTY's `agentf.h`): what they
//! send is the name of memory they share, with a request in it that the answer takes the place of.
//!
//! Who sends is not told, only whose the memory is. PuTTY's own programs come by the pipe since 0.75;
//! this is for those that have not followed.

use std::io;
use std::os::windows::io::{AsHandle as _, AsRawHandle as _, FromRawHandle as _, OwnedHandle};

use windows_sys::Win32::Foundation::{LPARAM, LRESULT};
use windows_sys::Win32::Storage::FileSystem::READ_CONTROL;
use windows_sys::Win32::System::DataExchange::COPYDATASTRUCT;
use windows_sys::Win32::System::Memory::{
    FILE_MAP_READ, FILE_MAP_WRITE, MEM_COMMIT, MEMORY_BASIC_INFORMATION,
    MEMORY_MAPPED_VIEW_ADDRESS, MapViewOfFile, OpenFileMappingA, UnmapViewOfFile, VirtualQuery,
};
use windows_sys::Win32::UI::WindowsAndMessaging::WM_COPYDATA;
use zeroize::Zeroizing;

use super::account::Account;
use super::descriptor::Descriptor;
use super::window::{self, Message, Window};

/// Class and title of the window.
const NAME: &str = "Pageant";

/// What says that a message is a request to the agent.
const REQUEST: usize = 0x804e_50ba;

/// Bytes of the shared memory: PuTTY's programs make it so large, and none larger is used.
const LARGEST: usize = 262_144;

/// The longest name of shared memory: `PageantRequest` and a number in PuTTY's programs.
const LONGEST_NAME: usize = 64;

/// The answer where there is no better one: a refusal.
const REFUSED: &[u8] = &[0, 0, 0, 1, 5];

/// Whether an agent has that window already.
#[must_use]
pub fn is_taken() -> bool {
    window::exists(NAME, NAME)
}

/// Makes the window in this thread, says so, and serves it until the process ends. `answer` gets a
/// request with its length and gives the reply with its own; nothing where there is none.
///
/// # Errors
/// When the system makes no window; it has not been said then.
pub fn serve(
    ready: impl FnOnce(),
    mut answer: impl FnMut(&[u8]) -> Option<Zeroizing<Vec<u8>>> + 'static,
) -> io::Result<()> {
    let answers = move |message: Message| {
        (message.number == WM_COPYDATA).then(|| answered(message.second, &mut answer))
    };
    let window = Window::new(NAME, NAME, Box::new(answers))?;
    ready();
    window.listen();
    Ok(())
}

/// 1 where an answer is in the memory now, as Pageant's.
fn answered(
    second: LPARAM,
    answer: &mut impl FnMut(&[u8]) -> Option<Zeroizing<Vec<u8>>>,
) -> LRESULT {
    let Some(name) = name_of(second) else { return 0 };
    match Shared::open(&name).map(|mut shared| shared.exchange(answer)) {
        Ok(true) => 1,
        _ => 0,
    }
}

/// The name in the message, with the zero at its end.
fn name_of(second: LPARAM) -> Option<Vec<u8>> {
    // SAFETY: the system has brought the structure of WM_COPYDATA here, and keeps it until we answer.
    let data = unsafe { (second as *const COPYDATASTRUCT).as_ref() }?;
    let length = data.cbData as usize;
    if data.dwData != REQUEST || data.lpData.is_null() || length == 0 || length > LONGEST_NAME {
        return None;
    }
    // SAFETY: so many bytes were brought with it.
    let name = unsafe { std::slice::from_raw_parts(data.lpData.cast::<u8>(), length) };
    (name.iter().position(|byte| *byte == 0) == Some(length - 1)).then(|| name.to_vec())
}

/// Memory another program shares with us. It may change it at any time.
struct Shared {
    start: MEMORY_MAPPED_VIEW_ADDRESS,
    size: usize,
    // Last: the view goes first.
    _mapping: OwnedHandle,
}

impl Shared {
    /// The memory of this name, if it is of our own account.
    fn open(name: &[u8]) -> io::Result<Self> {
        let access = FILE_MAP_READ | FILE_MAP_WRITE;
        // To see whose it is, too.
        // SAFETY: the name ends with a zero.
        let raw = unsafe { OpenFileMappingA(access | READ_CONTROL, 0, name.as_ptr()) };
        if raw.is_null() {
            return Err(io::Error::last_os_error());
        }
        // SAFETY: just opened for us; nothing else owns it.
        let mapping = unsafe { OwnedHandle::from_raw_handle(raw) };
        if !is_ours(&mapping)? {
            return Err(io::ErrorKind::PermissionDenied.into());
        }
        // SAFETY: a mapping that is open, all of it.
        let start = unsafe { MapViewOfFile(mapping.as_raw_handle(), access, 0, 0, 0) };
        if start.Value.is_null() {
            return Err(io::Error::last_os_error());
        }
        let mut shared = Self { start, size: 0, _mapping: mapping };
        shared.size = shared.measured().min(LARGEST);
        Ok(shared)
    }

    fn measured(&self) -> usize {
        let mut told = MEMORY_BASIC_INFORMATION::default();
        let length = size_of_val(&told);
        // SAFETY: what is told goes to a variable of ours, of that length.
        let written = unsafe { VirtualQuery(self.start.Value, &raw mut told, length) };
        // What is only reserved cannot be read.
        if written == 0 || told.State != MEM_COMMIT { 0 } else { told.RegionSize }
    }

    /// Takes the request out and puts the answer in; whether there was room for it.
    fn exchange(&mut self, answer: &mut impl FnMut(&[u8]) -> Option<Zeroizing<Vec<u8>>>) -> bool {
        let Some(request) = self.request() else { return self.put(REFUSED) };
        let reply = answer(&request);
        let reply = reply.as_ref().map_or(REFUSED, |reply| reply.as_slice());
        self.put(reply) || self.put(REFUSED)
    }

    /// A copy: what lies there may be another request a moment later. The length counts once, as it
    /// is copied.
    fn request(&self) -> Option<Zeroizing<Vec<u8>>> {
        let mut length = [0; 4];
        self.copy(0, &mut length)?;
        let length = u32::from_be_bytes(length);
        let body =
            usize::try_from(length).ok().filter(|body| body.saturating_add(4) <= self.size)?;
        let mut request = Zeroizing::new(vec![0; 4 + body]);
        request[..4].copy_from_slice(&length.to_be_bytes());
        self.copy(4, &mut request[4..])?;
        Some(request)
    }

    fn copy(&self, from: usize, into: &mut [u8]) -> Option<()> {
        let end = from.checked_add(into.len())?;
        if end > self.size {
            return None;
        }
        let start = self.start.Value.cast::<u8>().cast_const();
        // SAFETY: within the view, as was just seen.
        let source = unsafe { start.add(from) };
        // SAFETY: both are so long; ours is nobody else's. As bytes: whatever lies there is one.
        unsafe { std::ptr::copy_nonoverlapping(source, into.as_mut_ptr(), into.len()) };
        Some(())
    }

    fn put(&mut self, bytes: &[u8]) -> bool {
        if bytes.len() > self.size {
            return false;
        }
        let start = self.start.Value.cast::<u8>();
        // SAFETY: the view is as long at least, and may be written.
        unsafe { std::ptr::copy_nonoverlapping(bytes.as_ptr(), start, bytes.len()) };
        true
    }
}

impl Drop for Shared {
    fn drop(&mut self) {
        // SAFETY: mapped by us, and not used any more.
        unsafe { UnmapViewOfFile(self.start) };
    }
}

/// Whether the account this process runs as made it. Another account's program could have us sign
/// for it; so could one of ours, by the pipe.
fn is_ours(mapping: &OwnedHandle) -> io::Result<bool> {
    let owner = Descriptor::of_kernel_object(mapping.as_handle())?.owner()?;
    // What an administrator's program makes belongs to the group, by default.
    Ok(owner == Account::own()? || owner == Account::default_owner()?)
}
