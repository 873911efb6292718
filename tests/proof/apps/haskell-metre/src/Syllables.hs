module Syllables (syllables) where

import Data.Char (isAlpha, toLower)
import Data.List (group)

-- | Groups of vowels in a word; a final e is silent.
syllables :: String -> Int
syllables word = max 1 (length (filter head (group (map vowel letters))))
  where
    plain = map toLower (filter isAlpha word)
    letters = if length plain > 2 && last plain == 'e' then init plain else plain
    vowel = (`elem` "aeiouy")
