ALTER TABLE notes ADD COLUMN tag TEXT;
INSERT INTO notes (title, body, tag) VALUES ('Welcome', 'This is your first note.', 'intro');
INSERT INTO notes (title, body, tag) VALUES ('Groceries', 'milk, eggs, bread', 'home');
