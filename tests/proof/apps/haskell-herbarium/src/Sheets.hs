{-# LANGUAGE DeriveGeneric #-}
{-# LANGUAGE OverloadedStrings #-}

module Sheets (Sheet (..), line) where

import Data.Aeson (FromJSON)
import qualified Data.Text as Text
import qualified Data.Text.Lazy as Lazy
import GHC.Generics (Generic)

-- | One sheet of a herbarium: the plant, and where it was found.
data Sheet = Sheet {genus, species, place :: Text.Text} deriving (Generic)

instance FromJSON Sheet

line :: Sheet -> Lazy.Text
line sheet = Lazy.fromStrict (Text.unwords [genus sheet, species sheet <> ":", place sheet])
