import { createCart } from './cart.js';

const cart = createCart(window.localStorage);
document.querySelectorAll('.products a').forEach((a) => {
  a.addEventListener('dblclick', () => {
    cart.add(a.getAttribute('href'));
    document.title = `cart-count: ${cart.count()}`;
  });
});
