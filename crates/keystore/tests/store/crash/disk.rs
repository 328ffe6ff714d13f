//! A disk in memory that writes down what is done to it, and can lose power after any of it.

use std::collections::{BTreeMap, BTreeSet};
use std::io::{self, ErrorKind};
use std::path::{Component, Path};
use std::sync::{Arc, Mutex, MutexGuard};
use std::time::{Duration, SystemTime};

use keyfob_keystore::disk::{Disk, Guard};

/// The number of a file or folder, whatever it is called.
pub(crate) type Node = usize;

/// The folder everything is in.
const TOP: Node = 0;

/// Files and folders.
#[derive(Debug, Clone, Default, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Tree {
    files: BTreeMap<Node, Vec<u8>>,
    folders: BTreeMap<Node, BTreeMap<String, Node>>,
}

/// One thing done to the disk.
#[derive(Debug, Clone)]
pub(crate) enum Step {
    /// Names of a folder change, all at once: a name gets a node, or none.
    Names(Node, Vec<(String, Option<Node>)>),
    /// A file gets a content.
    Content(Node, Vec<u8>),
    /// A node comes into being. Nothing shows of it before it has a name.
    NewFile(Node),
    NewFolder(Node),
    /// The content of a file is made to last.
    Sync(Node),
    /// The names of a folder are made to last.
    SyncFolder(Node),
}

impl Step {
    /// Nothing, half or all of a content.
    pub(crate) fn part(&self, part: usize) -> Self {
        match self {
            Self::Content(node, bytes) => {
                Self::Content(*node, bytes[..bytes.len() * part / 2].to_vec())
            }
            other => other.clone(),
        }
    }

    pub(crate) fn apply(&self, tree: &mut Tree) {
        match self {
            Self::Names(folder, changes) => {
                let names = tree.folders.entry(*folder).or_default();
                for (name, node) in changes {
                    match node {
                        Some(node) => names.insert(name.clone(), *node),
                        None => names.remove(name),
                    };
                }
            }
            Self::Content(node, bytes) => drop(tree.files.insert(*node, bytes.clone())),
            Self::NewFile(node) => drop(tree.files.entry(*node).or_default()),
            Self::NewFolder(node) => drop(tree.folders.entry(*node).or_default()),
            Self::Sync(_) | Self::SyncFolder(_) => {}
        }
    }
}

impl Tree {
    fn find(&self, path: &Path) -> Option<Node> {
        path.components().try_fold(TOP, |node, part| match part {
            Component::RootDir => Some(node),
            Component::Normal(name) => self.folders.get(&node)?.get(name.to_str()?).copied(),
            _ => None,
        })
    }

    /// The number of a folder.
    pub(crate) fn folder(&self, path: &str) -> Option<Node> {
        self.find(Path::new(path))
    }

    pub(crate) fn named(&self, folder: Node, name: &str) -> Option<Node> {
        self.folders.get(&folder)?.get(name).copied()
    }

    pub(crate) fn content(&self, node: Node) -> Option<&[u8]> {
        self.files.get(&node).map(Vec::as_slice)
    }

    /// What can be seen: the same for two trees that differ in numbers only.
    pub(crate) fn seen(&self) -> BTreeMap<String, Option<Vec<u8>>> {
        let mut seen = BTreeMap::new();
        self.walk(TOP, "", &mut seen);
        seen
    }

    fn walk(&self, folder: Node, at: &str, seen: &mut BTreeMap<String, Option<Vec<u8>>>) {
        for (name, node) in self.folders.get(&folder).into_iter().flatten() {
            let path = format!("{at}/{name}");
            match self.files.get(node) {
                Some(bytes) => drop(seen.insert(path, Some(bytes.clone()))),
                None => {
                    self.walk(*node, &path, seen);
                    seen.insert(path, None);
                }
            }
        }
    }
}

#[derive(Default)]
struct Inside {
    tree: Tree,
    nodes: Node,
    before: Tree,
    steps: Vec<Step>,
    /// Files that were read.
    read: BTreeSet<String>,
}

/// What somebody else does right before the names of a folder of this name are made to last.
type Meanwhile = Arc<dyn Fn() + Send + Sync>;

/// The disk.
#[derive(Clone, Default)]
pub(crate) struct Model {
    inside: Arc<Mutex<Inside>>,
    meanwhile: Arc<Mutex<Option<(String, Meanwhile)>>>,
}

struct Nothing;

impl Guard for Nothing {}

impl Model {
    /// A disk with this on it.
    pub(crate) fn of(tree: Tree) -> Self {
        let model = Self::default();
        {
            let mut inside = model.inside();
            let numbers = tree.files.keys().chain(tree.folders.keys());
            inside.nodes = numbers.max().copied().unwrap_or(TOP);
            inside.tree = tree;
        }
        model
    }

    pub(crate) fn tree(&self) -> Tree {
        self.inside().tree.clone()
    }

    /// Everything so far lasts; what comes is written down.
    pub(crate) fn begin(&self) {
        let mut inside = self.inside();
        inside.before = inside.tree.clone();
        inside.steps.clear();
    }

    /// What the disk was, and what was done since.
    pub(crate) fn recorded(&self) -> (Tree, Vec<Step>) {
        let inside = self.inside();
        (inside.before.clone(), inside.steps.clone())
    }

    pub(crate) fn was_read(&self, name: &str) -> bool {
        self.inside().read.iter().any(|path| path.ends_with(name))
    }

    /// Lets something happen once, right before a folder's names are made to last.
    pub(crate) fn meanwhile(&self, folder: &str, what: impl Fn() + Send + Sync + 'static) {
        *self.meanwhile.lock().unwrap() = Some((folder.to_owned(), Arc::new(what)));
    }

    /// Changes a file behind everybody's back.
    pub(crate) fn put(&self, path: &str, bytes: &[u8]) {
        let mut inside = self.inside();
        let node = inside.tree.find(Path::new(path)).expect("a file that is there");
        inside.tree.files.insert(node, bytes.to_vec());
    }

    fn inside(&self) -> MutexGuard<'_, Inside> {
        self.inside.lock().unwrap()
    }
}

impl Inside {
    fn step(&mut self, step: Step) {
        step.apply(&mut self.tree);
        self.steps.push(step);
    }

    fn fresh(&mut self) -> Node {
        self.nodes += 1;
        self.nodes
    }

    fn need(&self, path: &Path) -> io::Result<Node> {
        self.tree.find(path).ok_or_else(|| ErrorKind::NotFound.into())
    }

    /// The folder a path is in, and its last name.
    fn place(&self, path: &Path) -> io::Result<(Node, String)> {
        let name = path.file_name().and_then(|name| name.to_str()).ok_or(ErrorKind::NotFound)?;
        let folder = self.need(path.parent().ok_or(ErrorKind::NotFound)?)?;
        Ok((folder, name.to_owned()))
    }

    fn remove_all(&mut self, folder: Node) {
        let names = self.tree.folders.get(&folder).cloned().unwrap_or_default();
        for (name, node) in names {
            if self.tree.folders.contains_key(&node) {
                self.remove_all(node);
            }
            self.step(Step::Names(folder, vec![(name, None)]));
        }
    }
}

impl Disk for Model {
    fn list(&self, folder: &Path) -> io::Result<Vec<String>> {
        let inside = self.inside();
        let node = inside.need(folder)?;
        let names = inside.tree.folders.get(&node).ok_or(ErrorKind::NotADirectory)?;
        Ok(names.keys().cloned().collect())
    }

    fn read(&self, file: &Path, limit: usize) -> io::Result<Option<Vec<u8>>> {
        let mut inside = self.inside();
        inside.read.insert(file.to_string_lossy().into_owned());
        let Some(node) = inside.tree.find(file) else { return Ok(None) };
        let bytes = inside.tree.files.get(&node).ok_or(ErrorKind::IsADirectory)?;
        if bytes.len() > limit {
            Err(ErrorKind::FileTooLarge.into())
        } else {
            Ok(Some(bytes.clone()))
        }
    }

    fn write(&self, file: &Path, bytes: &[u8]) -> io::Result<()> {
        let mut inside = self.inside();
        let (folder, name) = inside.place(file)?;
        assert!(inside.tree.find(file).is_none(), "{} is there", file.display());
        let node = inside.fresh();
        inside.step(Step::NewFile(node));
        inside.step(Step::Names(folder, vec![(name, Some(node))]));
        inside.step(Step::Content(node, bytes.to_vec()));
        Ok(())
    }

    fn sync(&self, file: &Path) -> io::Result<()> {
        let mut inside = self.inside();
        let node = inside.need(file)?;
        inside.step(Step::Sync(node));
        Ok(())
    }

    fn rename(&self, from: &Path, to: &Path) -> io::Result<()> {
        let mut inside = self.inside();
        let node = inside.need(from)?;
        let ((folder, from), (other, to)) = (inside.place(from)?, inside.place(to)?);
        assert_eq!(folder, other, "from one folder to another is not one step everywhere");
        inside.step(Step::Names(folder, vec![(from, None), (to, Some(node))]));
        Ok(())
    }

    fn remove(&self, file: &Path) -> io::Result<()> {
        let mut inside = self.inside();
        if inside.tree.find(file).is_some() {
            let (folder, name) = inside.place(file)?;
            inside.step(Step::Names(folder, vec![(name, None)]));
        }
        Ok(())
    }

    fn sync_folder(&self, folder: &Path) -> io::Result<()> {
        let due = {
            let mut meanwhile = self.meanwhile.lock().unwrap();
            let is_it = meanwhile.as_ref().is_some_and(|(name, _)| folder.ends_with(name));
            if is_it { meanwhile.take() } else { None }
        };
        if let Some((_, what)) = due {
            what();
        }
        let mut inside = self.inside();
        let node = inside.need(folder)?;
        inside.step(Step::SyncFolder(node));
        Ok(())
    }

    fn make_folder(&self, folder: &Path) -> io::Result<()> {
        let mut inside = self.inside();
        for path in folder.ancestors().collect::<Vec<_>>().into_iter().rev() {
            if inside.tree.find(path).is_none() {
                let (above, name) = inside.place(path)?;
                let node = inside.fresh();
                inside.step(Step::NewFolder(node));
                inside.step(Step::Names(above, vec![(name, Some(node))]));
            }
        }
        Ok(())
    }

    fn exchange(&self, one: &Path, other: &Path) -> io::Result<()> {
        let mut inside = self.inside();
        let nodes = (inside.need(one)?, inside.need(other)?);
        let ((folder, one), (_, other)) = (inside.place(one)?, inside.place(other)?);
        inside.step(Step::Names(folder, vec![(one, Some(nodes.1)), (other, Some(nodes.0))]));
        Ok(())
    }

    fn remove_folder(&self, folder: &Path) -> io::Result<()> {
        let mut inside = self.inside();
        if let Some(node) = inside.tree.find(folder) {
            let (above, name) = inside.place(folder)?;
            inside.remove_all(node);
            inside.step(Step::Names(above, vec![(name, None)]));
        }
        Ok(())
    }

    fn changed(&self, folder: &Path) -> io::Result<Option<SystemTime>> {
        let inside = self.inside();
        let moment = SystemTime::UNIX_EPOCH + Duration::from_secs(inside.steps.len() as u64);
        Ok(inside.tree.find(folder).map(|_| moment))
    }

    fn lock(&self, _file: &Path) -> io::Result<Option<Box<dyn Guard>>> {
        Ok(Some(Box::new(Nothing)))
    }
}
