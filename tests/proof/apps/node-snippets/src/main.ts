import { readFileSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import Fastify from 'fastify';
import Mustache from 'mustache';
import { git, repo, script } from './git';

const app = Fastify();

app.get('/', async (_req, reply) => {
  const files = (await git('ls-files')).split('\n').filter(Boolean);
  const commits = await git('rev-list', '--count', 'HEAD');
  const view = readFileSync('views/list.mustache', 'utf8');
  reply.type('text/html').send(Mustache.render(view, { files, commits }));
});

app.get<{ Params: { name: string } }>('/s/:name', async (req, reply) => {
  try {
    const text = await git('show', `HEAD:${req.params.name}`);
    reply.type('text/plain').send(text);
  } catch {
    reply.code(404).send({ error: 'no such snippet' });
  }
});

app.put<{ Params: { name: string }; Body: { text: string } }>('/s/:name', async (req, reply) => {
  const { name } = req.params;
  if (!/^[a-z0-9.-]+$/.test(name)) return reply.code(400).send({ error: 'bad name' });
  await writeFile(join(repo, name), req.body.text);
  await git('add', name);
  await git('commit', '-q', '-m', `Update ${name}`);
  reply.code(201).send({ commits: Number(await git('rev-list', '--count', 'HEAD')) });
});

app.get<{ Params: { name: string } }>('/stats/:name', async (req) => {
  return { lines: await script('count-lines.sh', join(repo, req.params.name)) };
});

app.get('/ca', async () => {
  // snippets are mirrored over https, see scripts/mirror.sh
  const bundle = readFileSync('/etc/ssl/certs/ca-certificates.crt', 'utf8');
  return { loaded: bundle.split('BEGIN CERTIFICATE').length - 1 > 0 };
});

app.get('/healthz', async () => ({ ok: true }));

app.listen({ host: '0.0.0.0', port: 4000 }).then(() => console.log('snippets on 4000'));

process.on('SIGTERM', async () => {
  await app.close();
  process.exit(0);
});
