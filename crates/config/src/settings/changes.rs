//! Which changes a running agent cannot take over.

use super::Settings;
use super::catalogue::TABLES;

impl Settings {
    /// As it would be written in full, one value for each setting.
    pub fn to_table(&self) -> toml::Table {
        // Plain structs of plain fields: writing them down cannot fail, which the tests try.
        toml::Table::try_from(self).unwrap_or_default()
    }

    /// The names of what is different in `newer` and counts only for the next agent: `agent.log`,
    /// `[[profile]]`.
    pub fn fixed_changes(&self, newer: &Self) -> Vec<String> {
        let (before, after) = (self.to_table(), newer.to_table());
        let mut names = Vec::new();
        for table in TABLES {
            let (before, after) = (before.get(table.name), after.get(table.name));
            let mut fixed = table.settings.iter().filter(|setting| !setting.live);
            if table.many {
                if before != after && fixed.next().is_some() {
                    names.push(table.heading());
                }
                continue;
            }
            let differ = fixed.filter(|setting| {
                before.and_then(|table| table.get(setting.name))
                    != after.and_then(|table| table.get(setting.name))
            });
            names.extend(differ.map(|setting| format!("{}.{}", table.name, setting.name)));
        }
        names
    }
}

#[cfg(test)]
mod tests {
    use crate::Settings;

    fn parse(text: &str) -> Settings {
        Settings::parse(text, "/c".as_ref()).unwrap()
    }

    #[test]
    fn what_counts_at_once_is_no_fixed_change() {
        let newer =
            parse("[agent]\nlifetime = 3\n[[host]]\nmatch = \"a\"\n[lock]\nscreen = true\n");
        assert!(Settings::default().fixed_changes(&newer).is_empty());
    }

    #[test]
    fn what_needs_another_agent_is_named() {
        let newer = parse(
            "[agent]\nlog-level = \"debug\"\nlifetime = 3\n[[profile]]\nname = \"a\"\nkeys = [\"*\"]\n",
        );
        let names = Settings::default().fixed_changes(&newer);
        assert_eq!(names, ["agent.log-level", "[[profile]]"]);
        assert!(newer.fixed_changes(&newer).is_empty());
    }
}
