//! What was asked for on the command line.

use std::path::PathBuf;

use crate::sections;

pub(crate) const USAGE: &str = "\
usage: cargo bench -p keyfob-tests --bench agents -- [OPTION…] [SECTION…]

  --quick           a little of everything, in seconds: shows that it runs
  --minutes N       measure for about so long (a whole run takes seven)
  --markdown FILE   write the tables there
  --json FILE       write all figures there
  --svg FILE        draw them there
  --docs            all three, to docs/NUMBERS.md, docs/numbers.json and docs/numbers.svg

sections: sign list visit keys start memory idle neighbours growth client generation";

#[derive(Default)]
pub(crate) struct Wanted {
    pub(crate) quick: bool,
    pub(crate) minutes: Option<f64>,
    pub(crate) markdown: Option<PathBuf>,
    pub(crate) json: Option<PathBuf>,
    pub(crate) svg: Option<PathBuf>,
    pub(crate) sections: Vec<String>,
}

impl Wanted {
    /// Or what is wrong with it.
    pub(crate) fn parse(arguments: impl Iterator<Item = String>) -> Result<Self, String> {
        let mut wanted = Self::default();
        let mut arguments = arguments.peekable();
        while let Some(argument) = arguments.next() {
            let mut value = || arguments.next().ok_or(format!("{argument} needs a value"));
            match argument.as_str() {
                // Cargo's own.
                "--bench" => {}
                "--quick" => wanted.quick = true,
                "--minutes" => {
                    let minutes = value()?;
                    let number = minutes.parse().ok().filter(|minutes| *minutes > 0.0);
                    wanted.minutes = Some(number.ok_or(format!("{minutes} is no time"))?);
                }
                "--markdown" => wanted.markdown = Some(value()?.into()),
                "--json" => wanted.json = Some(value()?.into()),
                "--svg" => wanted.svg = Some(value()?.into()),
                "--docs" => wanted.for_docs(),
                name if sections::ALL.iter().any(|section| section.name == name) => {
                    wanted.sections.push(argument);
                }
                _ => return Err(format!("{argument} is not known\n\n{USAGE}")),
            }
        }
        Ok(wanted)
    }

    fn for_docs(&mut self) {
        let docs = keyfob_tests::source::root().join("docs");
        self.markdown = Some(docs.join("NUMBERS.md"));
        self.json = Some(docs.join("numbers.json"));
        self.svg = Some(docs.join("numbers.svg"));
    }
}
