//! The name of a program, as it is called.

use std::ffi::OsStr;
use std::path::Path;

/// Without its folder; on Windows, which finds a program however its name is written, also without its
/// end and in small letters.
pub(crate) fn name(program: &OsStr) -> Option<String> {
    let name = Path::new(program).file_name()?.to_str()?;
    if cfg!(not(windows)) {
        return Some(name.to_owned());
    }
    let name = name.to_ascii_lowercase();
    Some(name.strip_suffix(".exe").unwrap_or(&name).to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_program_is_known_by_its_name_wherever_it_is() {
        let of = |program: &str| name(program.as_ref());
        assert_eq!(of("ssh-add").as_deref(), Some("ssh-add"));
        let (path, end) = match cfg!(windows) {
            true => (r"C:\Program Files\PowerShell\PWSH.EXE", "pwsh"),
            false => ("/usr/bin/Pwsh.exe", "Pwsh.exe"),
        };
        assert_eq!(of(path).as_deref(), Some(end));
        assert_eq!(of(""), None);
    }
}
