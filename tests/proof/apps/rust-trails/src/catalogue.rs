use rusqlite::{params, Connection, OptionalExtension, Result, Row};

const SCHEMA: &str = "
    PRAGMA journal_mode = WAL;
    CREATE TABLE IF NOT EXISTS trails (
        slug TEXT PRIMARY KEY, name TEXT NOT NULL, km REAL NOT NULL,
        notes TEXT NOT NULL, state TEXT NOT NULL DEFAULT 'open');
    CREATE VIRTUAL TABLE IF NOT EXISTS words USING fts5(slug UNINDEXED, name, notes, tokenize = 'porter');
";

pub struct Trail {
    pub slug: String,
    pub name: String,
    pub km: f64,
    pub notes: String,
    pub state: String,
}

impl Trail {
    fn from_row(row: &Row) -> Result<Trail> {
        Ok(Trail {
            slug: row.get("slug")?,
            name: row.get("name")?,
            km: row.get("km")?,
            notes: row.get("notes")?,
            state: row.get("state")?,
        })
    }
}

pub struct Catalogue(Connection);

impl Catalogue {
    pub fn open(path: &str) -> Result<Catalogue> {
        let db = Connection::open(path)?;
        db.execute_batch(SCHEMA)?;
        Ok(Catalogue(db))
    }

    /// Lines of `slug;name;km;notes`; lines that do not look like that are skipped.
    pub fn import(&self, text: &str) -> Result<usize> {
        let mut count = 0;
        for line in text.lines() {
            let fields: Vec<&str> = line.split(';').map(str::trim).collect();
            let [slug, name, km, notes] = fields[..] else {
                continue;
            };
            let Ok(km) = km.parse::<f64>() else { continue };
            self.0.execute(
                "INSERT INTO trails (slug, name, km, notes) VALUES (?, ?, ?, ?)",
                params![slug, name, km, notes],
            )?;
            self.0
                .execute("INSERT INTO words VALUES (?, ?, ?)", [slug, name, notes])?;
            count += 1;
        }
        Ok(count)
    }

    pub fn all(&self) -> Result<Vec<Trail>> {
        let mut statement = self.0.prepare("SELECT * FROM trails ORDER BY name")?;
        let rows = statement.query_map([], Trail::from_row)?;
        rows.collect()
    }

    pub fn search(&self, words: &str) -> Result<Vec<Trail>> {
        // quoted, so that FTS operators in the question mean nothing
        let phrase = format!("\"{}\"", words.replace('"', " "));
        let mut statement = self.0.prepare(
            "SELECT t.* FROM words JOIN trails t USING (slug) WHERE words MATCH ? ORDER BY t.name",
        )?;
        let rows = statement.query_map([phrase], Trail::from_row)?;
        rows.collect()
    }

    pub fn find(&self, slug: &str) -> Result<Option<Trail>> {
        self.0
            .query_row(
                "SELECT * FROM trails WHERE slug = ?",
                [slug],
                Trail::from_row,
            )
            .optional()
    }

    pub fn set_state(&self, slug: &str, state: &str) -> Result<Option<Trail>> {
        self.0
            .execute("UPDATE trails SET state = ? WHERE slug = ?", [state, slug])?;
        self.find(slug)
    }
}
