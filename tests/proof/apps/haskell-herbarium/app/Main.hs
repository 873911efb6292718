{-# LANGUAGE OverloadedStrings #-}

module Main (main) where

import qualified Data.Text.Lazy as Lazy
import Data.Yaml (decodeFileThrow)
import Sheets (Sheet (..), line)
import System.Environment (lookupEnv)
import Web.Scotty

-- | Lists the sheets of a herbarium, as sheets.yaml has them when the program starts.
main :: IO ()
main = do
  port <- maybe 8097 read <$> lookupEnv "PORT"
  sheets <- decodeFileThrow "plants/sheets.yaml"
  scotty port $ do
    get "/" $ text (Lazy.unlines (map line sheets))
    get "/genus/:name" $ do
      name <- param "name"
      case filter ((== name) . genus) sheets of
        [] -> raise "no such genus"
        found -> text (Lazy.unlines (map line found))
