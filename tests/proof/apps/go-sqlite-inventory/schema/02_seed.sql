INSERT OR IGNORE INTO items (id, name, count) VALUES (1, 'bolt', 200), (2, 'hammer', 3);
