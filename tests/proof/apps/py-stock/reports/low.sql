SELECT name, amount FROM stock WHERE amount < 10 ORDER BY amount
