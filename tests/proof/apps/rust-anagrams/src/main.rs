mod config;

use std::{collections::BTreeSet, fs, path::PathBuf, process::ExitCode};

use config::Config;
use lettersets::Letters;
use lexopt::{Arg, ValueExt};

const USAGE: &str = "usage: anagrams [--within] [--config FILE] WORD...
       anagrams --version
  --within   also words that use only some of the letters, longest first";

struct Options {
    within: bool,
    config: PathBuf,
    words: Vec<String>,
}

enum Command {
    Find(Options),
    Version,
    Help,
}

fn parse() -> Result<Command, lexopt::Error> {
    let mut options = Options {
        within: false,
        config: config::DEFAULT_PATH.into(),
        words: vec![],
    };
    let mut parser = lexopt::Parser::from_env();
    while let Some(arg) = parser.next()? {
        match arg {
            Arg::Long("within") => options.within = true,
            Arg::Long("config") => options.config = parser.value()?.into(),
            Arg::Long("version") => return Ok(Command::Version),
            Arg::Short('h') | Arg::Long("help") => return Ok(Command::Help),
            Arg::Value(word) => options.words.push(word.string()?),
            _ => return Err(arg.unexpected()),
        }
    }
    if options.words.is_empty() {
        return Err("no word given".into());
    }
    Ok(Command::Find(options))
}

fn find(options: &Options, config: &Config) -> Result<Vec<String>, String> {
    let question = options.words.join(" ");
    let tiles = Letters::of(&question);
    let mut found = BTreeSet::new();
    for path in &config.dictionaries {
        let text = fs::read_to_string(path).map_err(|e| format!("{}: {e}", path.display()))?;
        for word in text
            .lines()
            .filter(|w| !w.contains('\'') && w.chars().count() >= config.min_length)
        {
            let letters = Letters::of(word);
            let hit = if options.within {
                letters.fit_in(&tiles)
            } else {
                letters == tiles
            };
            if hit && word.to_lowercase() != question.to_lowercase() {
                found.insert(word.to_string());
            }
        }
    }
    let mut found: Vec<String> = found.into_iter().collect();
    found.sort_by_key(|word| std::cmp::Reverse(word.chars().count()));
    found.truncate(config.limit);
    Ok(found)
}

fn main() -> ExitCode {
    let options = match parse() {
        Ok(Command::Find(options)) => options,
        Ok(Command::Version) => {
            println!(
                "anagrams {} ({})",
                env!("CARGO_PKG_VERSION"),
                option_env!("GIT_COMMIT").unwrap_or("unknown")
            );
            return ExitCode::SUCCESS;
        }
        Ok(Command::Help) => {
            println!("{USAGE}");
            return ExitCode::SUCCESS;
        }
        Err(e) => {
            eprintln!("anagrams: {e}\n{USAGE}");
            return ExitCode::from(2);
        }
    };
    match Config::load(&options.config).and_then(|config| find(&options, &config)) {
        Ok(found) if found.is_empty() => {
            eprintln!("nothing found");
            ExitCode::FAILURE
        }
        Ok(found) => {
            println!("{}", found.join("\n"));
            ExitCode::SUCCESS
        }
        Err(e) => {
            eprintln!("anagrams: {e}");
            ExitCode::from(2)
        }
    }
}
