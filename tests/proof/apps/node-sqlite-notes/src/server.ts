import express from 'express';
import { all, db, migrate, run } from './db';

async function main() {
  const schema = await migrate();
  const app = express();
  app.use(express.json());

  app.get('/health', (_req, res) => {
    res.json({ status: 'ok', schema });
  });

  app.get('/notes', async (req, res) => {
    const tag = req.query.tag as string | undefined;
    const rows = tag
      ? await all('SELECT id, title, tag FROM notes WHERE tag = ? ORDER BY id', [tag])
      : await all('SELECT id, title, tag FROM notes ORDER BY id');
    res.json(rows);
  });

  app.get('/notes/:id', async (req, res) => {
    const [note] = await all('SELECT * FROM notes WHERE id = ?', [req.params.id]);
    if (!note) return res.status(404).json({ error: 'no such note' });
    res.json(note);
  });

  app.post('/notes', async (req, res) => {
    const { title, body = '', tag = null } = req.body || {};
    if (!title) return res.status(400).json({ error: 'title is required' });
    const id = await run('INSERT INTO notes (title, body, tag) VALUES (?, ?, ?)', [title, body, tag]);
    res.status(201).json({ id, title, tag });
  });

  const port = Number(process.env.PORT || 3000);
  const server = app.listen(port, () => console.log(`notes listening on ${port}`));

  for (const signal of ['SIGTERM', 'SIGINT'] as const) {
    process.on(signal, () => {
      server.close(() => db.close(() => process.exit(0)));
    });
  }
}

main().catch((err) => {
  console.error(err);
  process.exit(1);
});
