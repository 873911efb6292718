CREATE TABLE stock (name TEXT, amount INTEGER);
INSERT INTO stock VALUES ('nuts & bolts', 120), ('washers', 4), ('pipes', 0);
