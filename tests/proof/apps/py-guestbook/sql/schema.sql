CREATE TABLE IF NOT EXISTS entries (
  id INTEGER PRIMARY KEY,
  name TEXT NOT NULL,
  message TEXT NOT NULL
);
INSERT OR IGNORE INTO entries (id, name, message) VALUES (1, 'Ada', 'First & foremost!');
