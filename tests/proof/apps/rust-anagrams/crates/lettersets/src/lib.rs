//! Multisets of letters.

use std::collections::BTreeMap;

#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Letters(BTreeMap<char, usize>);

impl Letters {
    /// The letters of a word; case, spaces and punctuation do not count.
    pub fn of(word: &str) -> Letters {
        let mut letters = Letters::default();
        for c in word
            .chars()
            .flat_map(char::to_lowercase)
            .filter(|c| c.is_alphabetic())
        {
            *letters.0.entry(c).or_default() += 1;
        }
        letters
    }

    pub fn len(&self) -> usize {
        self.0.values().sum()
    }

    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Whether these letters can be laid with the tiles of `other`.
    pub fn fit_in(&self, other: &Letters) -> bool {
        self.0
            .iter()
            .all(|(c, n)| other.0.get(c).is_some_and(|m| n <= m))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn anagrams_are_equal() {
        assert_eq!(Letters::of("Dirty room!"), Letters::of("dormitory"));
        assert_ne!(Letters::of("sees"), Letters::of("see"));
    }

    #[test]
    fn tiles() {
        assert!(Letters::of("tin").fit_in(&Letters::of("listen")));
        assert!(!Letters::of("tint").fit_in(&Letters::of("listen")));
    }
}
