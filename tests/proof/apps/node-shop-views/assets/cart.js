export function createCart(storage) {
  const items = JSON.parse(storage.getItem('cart') || '[]');
  return {
    add(slug) {
      items.push(slug);
      storage.setItem('cart', JSON.stringify(items));
    },
    count: () => items.length,
  };
}
