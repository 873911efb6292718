import fs from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { marked } from 'marked';

const root = path.join(path.dirname(fileURLToPath(import.meta.url)), '..');

export function templates() {
  return fs.readdirSync(path.join(root, 'templates')).map((f) => path.parse(f).name).sort();
}

export function render(markdown, template) {
  const page = fs.readFileSync(path.join(root, 'templates', `${template}.html`), 'utf8');
  return page.replace('{{content}}', () => marked.parse(markdown).trim());
}
