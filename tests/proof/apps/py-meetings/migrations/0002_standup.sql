INSERT INTO meetings (title, start, zone) VALUES ('Stand-up', '2024-01-08T09:30', 'Europe/Berlin');
