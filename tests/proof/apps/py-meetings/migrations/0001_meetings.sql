CREATE TABLE meetings (id INTEGER PRIMARY KEY, title TEXT, start TEXT, zone TEXT);
