//! Which name was meant by one that is not there.

/// A name as far from the one written as this share of its length is not what was meant.
const FARTHEST: usize = 3;

/// The name that was meant, if there is one that looks like it.
#[must_use]
pub fn nearest<'n>(name: &str, known: &[&'n str]) -> Option<&'n str> {
    let name = name.to_lowercase().replace('_', "-");
    let farthest = name.chars().count() / FARTHEST;
    let distance = |known: &&'n str| strsim::damerau_levenshtein(&name, known);
    // `timeout` for `confirm-timeout`, `sha1` for `rsa-sha1`: whole words of it, of one only.
    let has = |known: &&&str| known.split('-').any(|word| word == name);
    let mut with_word = known.iter().filter(has);
    if let (Some(only), None) = (with_word.next(), with_word.next()) {
        return Some(only);
    }
    known.iter().copied().min_by_key(distance).filter(|known| distance(known) <= farthest)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_slip_or_a_part_of_a_name_is_understood_and_nothing_is_made_up() {
        let known = ["vk-cloud", "azure", "digital-ocean", "generate"];
        assert_eq!(nearest("vk", &known), Some("vk-cloud"));
        assert_eq!(nearest("vkcloud", &known), Some("vk-cloud"));
        assert_eq!(nearest("Azuree", &known), Some("azure"));
        assert_eq!(nearest("digital_ocean", &known), Some("digital-ocean"));
        assert_eq!(nearest("generat", &known), Some("generate"));
        assert_eq!(nearest("pageant", &["agent", "from-pageant"]), Some("from-pageant"));
        assert_eq!(nearest("gitlab", &known), None);
        assert_eq!(nearest("a", &[]), None);
    }
}
