use std::{
    fs,
    path::{Path, PathBuf},
};

pub const DEFAULT_PATH: &str = "/etc/anagrams.conf";

pub struct Config {
    /// Word lists, one word a line.
    pub dictionaries: Vec<PathBuf>,
    pub min_length: usize,
    pub limit: usize,
}

impl Config {
    pub fn load(path: &Path) -> Result<Config, String> {
        let text = fs::read_to_string(path).map_err(|e| format!("{}: {e}", path.display()))?;
        Config::parse(&text).map_err(|e| format!("{}: {e}", path.display()))
    }

    /// Lines of `key = value`; `dictionary` may be given more than once.
    fn parse(text: &str) -> Result<Config, String> {
        let mut config = Config {
            dictionaries: vec![],
            min_length: 3,
            limit: 100,
        };
        for line in text.lines().map(str::trim) {
            if line.is_empty() || line.starts_with('#') {
                continue;
            }
            let (key, value) = line
                .split_once('=')
                .ok_or_else(|| format!("not a setting: {line}"))?;
            let value = value.trim();
            let number = || value.parse().map_err(|_| format!("not a number: {value}"));
            match key.trim() {
                "dictionary" => config.dictionaries.push(value.into()),
                "min_length" => config.min_length = number()?,
                "limit" => config.limit = number()?,
                other => return Err(format!("unknown setting: {other}")),
            }
        }
        Ok(config)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn settings() {
        let config = Config::parse("# words\ndictionary = /a\ndictionary=/b\nlimit = 7\n").unwrap();
        assert_eq!(config.dictionaries, [Path::new("/a"), Path::new("/b")]);
        assert_eq!((config.min_length, config.limit), (3, 7));
        assert!(Config::parse("colour = red").is_err());
    }
}
