//! The box around the process that holds keys, tried from inside: each attempt in a process of its
//! own, made once where it must not end it, and once in the box.
//!
//! Lost without these: that the walls stand. Whoever takes the agent over would start programs,
//! reach a network, read other processes, or change the person's files.
//!
//! Forks: a process with one thread, without the usual harness.
#![allow(clippy::unwrap_used, clippy::panic, clippy::print_stdout, reason = "tests")]

#[cfg(target_os = "linux")]
mod linux {
    use std::fs::{self, File};
    use std::io::{self, Read as _};
    use std::net::TcpStream;
    use std::os::linux::net::SocketAddrExt as _;
    use std::os::unix::net::{SocketAddr, UnixListener, UnixStream};
    use std::path::PathBuf;

    use keyfob_sys::process::{Fork, fork};
    use keyfob_sys::sandbox::{self, Places, Report};
    use keyfob_sys::starter::{Manner, Order, Recipe, STARTED, Starter, Words};
    use keyfob_sys::{peer, surroundings};
    use rustix::process::{Pid, Signal, WaitOptions, getppid, waitpid};

    /// What there is to reach for.
    struct Around {
        folder: tempfile::TempDir,
        own: PathBuf,
        foreign: PathBuf,
        name: SocketAddr,
        _listener: UnixListener,
    }

    impl Around {
        fn new() -> Self {
            let folder = tempfile::tempdir().unwrap();
            let [own, foreign] = ["own", "foreign"].map(|name| folder.path().join(name));
            fs::create_dir(&own).unwrap();
            fs::create_dir(&foreign).unwrap();
            fs::write(foreign.join("file"), b"theirs").unwrap();
            let name = format!("kf-box-{}-{}", std::process::id(), folder.path().display());
            let name = SocketAddr::from_abstract_name(name).unwrap();
            let _listener = UnixListener::bind_addr(&name).unwrap();
            Self { folder, own, foreign, name, _listener }
        }

        fn places(&self) -> Places {
            let (files, sockets) = (vec![self.own.clone()], vec![self.own.clone()]);
            Places { files, sockets, abstract_sockets: false }
        }
    }

    /// Ended by the system, or by the process itself with this number.
    #[derive(Debug, PartialEq, Eq)]
    enum End {
        Code(i32),
        Signal(i32),
    }

    fn in_child(work: impl FnOnce() -> i32) -> End {
        match fork().unwrap() {
            Fork::Child => std::process::exit(work()),
            Fork::Parent(child) => {
                let child = Pid::from_raw(child.cast_signed());
                let (_, status) = waitpid(child, WaitOptions::empty()).unwrap().unwrap();
                match (status.exit_status(), status.terminating_signal()) {
                    (Some(code), _) => End::Code(code),
                    (_, signal) => End::Signal(signal.unwrap()),
                }
            }
        }
    }

    fn menu() -> Vec<Recipe> {
        let recipe = Recipe {
            program: "/bin/echo".into(),
            name: None,
            arguments: vec!["said".into()],
            words: Words::Of(vec!["known".into()]),
            environment: None,
            variables: Vec::new(),
            manner: Manner::Helper,
        };
        vec![recipe]
    }

    /// Closes this process in.
    fn enter(around: &Around) -> (Starter, Report) {
        let starter = Starter::fork(menu()).unwrap();
        let report = sandbox::enter(&starter, &around.places());
        (starter, report)
    }

    /// In a box; `None` where the kernel has no such wall, which is told.
    fn boxed(
        around: &Around,
        wall: impl Fn(&Report) -> bool,
        work: impl FnOnce(&Starter) -> i32,
    ) -> Option<End> {
        const NO_WALL: i32 = 77;
        let end = in_child(|| {
            let (starter, report) = enter(around);
            if wall(&report) { work(&starter) } else { NO_WALL }
        });
        if end == End::Code(NO_WALL) {
            println!("skipped: this kernel has no such wall");
        }
        (end != End::Code(NO_WALL)).then_some(end)
    }

    /// 0 for what succeeded, 1 for what is not permitted, 2 for another failure.
    fn code_of(result: io::Result<()>) -> i32 {
        match result {
            Ok(()) => 0,
            Err(error) if error.kind() == io::ErrorKind::PermissionDenied => 1,
            Err(_) => 2,
        }
    }

    type Attempt = (&'static str, fn(&Around) -> io::Result<()>);

    const CHANGES: &[Attempt] = &[
        ("making a file", |around| File::create(around.foreign.join("new")).map(drop)),
        ("writing a file", |around| {
            File::options().append(true).open(around.foreign.join("file")).map(drop)
        }),
        ("emptying a file", |around| fs::write(around.foreign.join("file"), b"").map(drop)),
        ("removing a file", |around| fs::remove_file(around.foreign.join("file"))),
        ("making a folder", |around| fs::create_dir(around.foreign.join("new"))),
        ("making a link", |around| std::os::unix::fs::symlink("/etc", around.foreign.join("link"))),
        ("writing to a device", |_| File::options().write(true).open("/dev/null").map(drop)),
        ("an abstract socket", |around| UnixStream::connect_addr(&around.name).map(drop)),
        ("the memory of the parent", |_| {
            let parent = getppid().ok_or(io::ErrorKind::NotFound)?.as_raw_nonzero();
            File::open(format!("/proc/{parent}/mem")).map(drop)
        }),
    ];

    fn what_is_outside_stays_as_it_is() {
        for (what, attempt) in CHANGES {
            let around = Around::new();
            assert_eq!(in_child(|| code_of(attempt(&around))), End::Code(0), "{what}, free");
            let around = Around::new();
            // The filter has no word for links at all.
            let expected = match *what {
                "making a link" => End::Signal(Signal::SYS.as_raw()),
                _ => End::Code(1),
            };
            let walls = |report: &Report| report.files.on && report.calls.on;
            let Some(end) = boxed(&around, walls, |_| code_of(attempt(&around))) else { return };
            assert_eq!(end, expected, "{what}, in the box");
            assert_eq!(fs::read(around.foreign.join("file")).unwrap(), b"theirs", "{what}");
        }
    }

    /// System calls by number, with arguments that do nothing where they are allowed.
    fn calls() -> Vec<(&'static str, i64, [usize; 4])> {
        vec![
            ("execve", libc::SYS_execve, [0; 4]),
            ("execveat", libc::SYS_execveat, [0; 4]),
            ("ptrace", libc::SYS_ptrace, [usize::MAX, 0, 0, 0]),
            ("process_vm_readv", libc::SYS_process_vm_readv, [0; 4]),
            ("process_vm_writev", libc::SYS_process_vm_writev, [0; 4]),
            ("kcmp", libc::SYS_kcmp, [0; 4]),
            ("pidfd_getfd", libc::SYS_pidfd_getfd, [usize::MAX, 0, 0, 0]),
            ("kill", libc::SYS_kill, [i32::MAX as usize, 0, 0, 0]),
            ("pidfd_send_signal", libc::SYS_pidfd_send_signal, [usize::MAX, 0, 0, 0]),
            ("bpf", libc::SYS_bpf, [usize::MAX, 0, 0, 0]),
            ("perf_event_open", libc::SYS_perf_event_open, [0; 4]),
            ("userfaultfd", libc::SYS_userfaultfd, [usize::MAX, 0, 0, 0]),
            ("io_uring_setup", libc::SYS_io_uring_setup, [0; 4]),
            ("keyctl", libc::SYS_keyctl, [usize::MAX, 0, 0, 0]),
            ("add_key", libc::SYS_add_key, [0; 4]),
            ("mount", libc::SYS_mount, [0; 4]),
            ("umount2", libc::SYS_umount2, [0; 4]),
            ("pivot_root", libc::SYS_pivot_root, [0; 4]),
            ("chroot", libc::SYS_chroot, [0; 4]),
            ("unshare", libc::SYS_unshare, [usize::MAX, 0, 0, 0]),
            ("setns", libc::SYS_setns, [usize::MAX, 0, 0, 0]),
            ("init_module", libc::SYS_init_module, [0; 4]),
            ("open_by_handle_at", libc::SYS_open_by_handle_at, [usize::MAX, 0, 0, 0]),
            ("setuid", libc::SYS_setuid, [usize::MAX, 0, 0, 0]),
            ("memfd_create", libc::SYS_memfd_create, [0; 4]),
            ("mknodat", libc::SYS_mknodat, [usize::MAX, 0, 0, 0]),
            (
                "a new process",
                libc::SYS_clone,
                [usize::MAX & !(libc::CLONE_THREAD as usize), 0, 0, 0],
            ),
            ("a network", libc::SYS_socket, [libc::AF_INET as usize, usize::MAX, 0, 0]),
            ("netlink", libc::SYS_socket, [libc::AF_NETLINK as usize, usize::MAX, 0, 0]),
            ("raw packets", libc::SYS_socket, [libc::AF_PACKET as usize, usize::MAX, 0, 0]),
            ("a virtual machine", libc::SYS_socket, [libc::AF_VSOCK as usize, usize::MAX, 0, 0]),
            ("code", libc::SYS_mmap, [0, 0, libc::PROT_EXEC as usize, 0]),
            ("memory made code", libc::SYS_mprotect, [0, 0, libc::PROT_EXEC as usize, 0]),
            ("becoming visible", libc::SYS_prctl, [libc::PR_SET_DUMPABLE as usize, 2, 0, 0]),
            ("another's limits", libc::SYS_prlimit64, [1, usize::MAX, 0, 0]),
            ("typing for a person", libc::SYS_ioctl, [0, libc::TIOCSTI as usize, 0, 0]),
        ]
    }

    fn what_an_agent_never_does_ends_it() {
        let around = Around::new();
        for (what, number, [a, b, c, d]) in calls() {
            let call = || {
                // SAFETY: each has an invalid argument, so that the kernel does nothing but refuse;
                // the process ends behind it.
                unsafe { libc::syscall(number, a, b, c, d, 0, 0) };
                0
            };
            assert_eq!(in_child(call), End::Code(0), "{what}, free");
            let Some(end) = boxed(&around, |report| report.calls.on, |_| call()) else { return };
            assert_eq!(end, End::Signal(Signal::SYS.as_raw()), "{what}, in the box");
        }
        // And as a program would.
        let connect = |_: &Starter| code_of(TcpStream::connect("127.0.0.1:9").map(drop));
        let end = boxed(&around, |report| report.calls.on, connect);
        assert_eq!(end, Some(End::Signal(Signal::SYS.as_raw())), "TCP");
    }

    fn what_an_agent_does_is_left_to_it() {
        let around = Around::new();
        let parent = std::process::id();
        let (program, threads) = (std::env::current_exe().unwrap(), 8);
        let end = boxed(
            &around,
            |_| true,
            |_| {
                let own = |name: &str| around.own.join(name);
                fs::create_dir(own("folder")).unwrap();
                fs::write(own("folder/file"), b"text").unwrap();
                fs::rename(own("folder/file"), own("file")).unwrap();
                File::open(own("file")).unwrap().sync_all().unwrap();
                fs::remove_dir(own("folder")).unwrap();
                fs::remove_file(own("file")).unwrap();
                let socket = UnixListener::bind(own("socket")).unwrap();
                UnixStream::connect(own("socket")).unwrap();
                drop(socket);
                fs::remove_file(own("socket")).unwrap();
                // What is outside can be read: settings, known hosts.
                assert_eq!(fs::read(around.foreign.join("file")).unwrap(), b"theirs");
                let spawn = |number| std::thread::spawn(move || number);
                let threads: Vec<_> = (0..threads).map(spawn).collect();
                assert_eq!(threads.into_iter().map(|one| one.join().unwrap()).sum::<i32>(), 28);
                // Through the starter, for this process itself may not look any more.
                assert_eq!(peer::executable(parent).unwrap(), program);
                assert_eq!(peer::surroundings(parent), peer::Surroundings::Ours);
                let watched = surroundings::Watched::new(parent).unwrap();
                assert_eq!(watched.variables(&["PATH"]).unwrap().len(), 1);
                0
            },
        );
        assert_eq!(end, Some(End::Code(0)));
    }

    fn the_starter_starts_what_is_on_its_menu_and_nothing_else() {
        let around = Around::new();
        let end = boxed(
            &around,
            |_| true,
            |starter| {
                let said = |words: &[&str]| {
                    let words = words.iter().map(Into::into).collect();
                    let order = Order { recipe: 0, words, variables: Vec::new() };
                    let mut started = starter.start(&order).unwrap();
                    drop(started.stdin.take());
                    let (mut life, mut text) = (Vec::new(), String::new());
                    started.stdout.read_to_string(&mut text).unwrap();
                    let mut first = [0; 5];
                    if started.life.read(&mut first).unwrap() > 0 {
                        life.push(first[0]);
                    }
                    (life, text)
                };
                assert_eq!(said(&["known"]), (vec![STARTED], "said known\n".to_owned()));
                assert_eq!(said(&[]), (vec![STARTED], "said\n".to_owned()));
                assert_eq!(said(&["else"]), (vec![], String::new()));
                assert!(starter.start(&Order { recipe: 1, ..Order::default() }).is_err());
                0
            },
        );
        assert_eq!(end, Some(End::Code(0)));
    }

    /// Lost otherwise: a box that only the thread that made it is in.
    fn threads_that_come_later_are_in_it() {
        let around = Around::new();
        let file = around.foreign.join("file");
        let end = boxed(
            &around,
            |report| report.files.on,
            |_| {
                let write = move || code_of(File::options().append(true).open(file).map(drop));
                std::thread::spawn(write).join().unwrap()
            },
        );
        assert!(matches!(end, None | Some(End::Code(1))), "{end:?}");
    }

    /// One that says "on" has to be true.
    fn a_report_says_what_the_kernel_says() {
        let around = Around::new();
        let end = in_child(|| {
            let (_, report) = enter(&around);
            let status = fs::read_to_string("/proc/self/status").unwrap();
            let says = |line: &str| status.lines().any(|found| found == line);
            assert_eq!(report.no_new_privileges.on, says("NoNewPrivs:\t1"));
            assert_eq!(report.calls.on, says("Seccomp:\t2"));
            0
        });
        assert_eq!(end, End::Code(0));
        drop(around.folder);
    }

    pub(super) const CASES: [(&str, fn()); 6] = [
        ("what_is_outside_stays_as_it_is", what_is_outside_stays_as_it_is),
        ("what_an_agent_never_does_ends_it", what_an_agent_never_does_ends_it),
        ("what_an_agent_does_is_left_to_it", what_an_agent_does_is_left_to_it),
        (
            "the_starter_starts_what_is_on_its_menu_and_nothing_else",
            the_starter_starts_what_is_on_its_menu_and_nothing_else,
        ),
        ("threads_that_come_later_are_in_it", threads_that_come_later_are_in_it),
        ("a_report_says_what_the_kernel_says", a_report_says_what_the_kernel_says),
    ];
}

fn main() {
    #[cfg(target_os = "linux")]
    for (name, case) in linux::CASES {
        case();
        println!("test {name} ... ok");
    }
    println!("\ntest result: ok. 6 passed; 0 failed; 0 ignored");
}
