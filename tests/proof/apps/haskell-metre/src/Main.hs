module Main (main) where

import Syllables (syllables)
import System.Environment (getArgs)
import System.Exit (exitWith, ExitCode (..))

-- | Prints each line of a poem with its number of syllables, and their product, which needs big numbers.
main :: IO ()
main = do
  arguments <- getArgs
  case arguments of
    [file] -> do
      text <- readFile file
      let counts = map (sum . map syllables . words) (lines text)
      mapM_ (\(count, line) -> putStrLn (show count ++ "\t" ++ line)) (zip counts (lines text))
      putStrLn ("product of factorials: " ++ show (product (map (\count -> product [1 .. toInteger count]) counts)))
    _ -> putStrLn "usage: metre FILE" >> exitWith (ExitFailure 2)
