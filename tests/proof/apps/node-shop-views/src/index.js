const express = require('express');
const fs = require('fs');

const app = express();
app.set('view engine', 'ejs');
app.set('views', 'views');
app.use('/static', express.static('public'));
app.use(express.urlencoded({ extended: false }));

const shop = process.env.SHOP_NAME || 'My Shop';
const currency = new Intl.NumberFormat('de-DE', { style: 'currency', currency: 'EUR' });

function products() {
  return JSON.parse(fs.readFileSync('data/products.json', 'utf8'));
}

app.get('/', (req, res) => {
  res.render('index', { shop, products: products(), price: (c) => currency.format(c / 100) });
});

app.get('/product/:slug', (req, res) => {
  const product = products().find((p) => p.slug === req.params.slug);
  if (!product) return res.status(404).render('404', { shop });
  res.render('product', { shop, product, price: (c) => currency.format(c / 100) });
});

app.get('/healthz', (req, res) => res.send('OK'));

const port = process.env.PORT || 8080;
const server = app.listen(port, () => console.log(`${shop} is open on port ${port}`));
process.on('SIGTERM', () => server.close(() => process.exit(0)));
