import type { Hono } from 'hono'
import type { Link } from '../src/links'

export default (app: Hono, links: Link[]) => {
  const count = new Map<string, number>()
  for (const t of links.flatMap((l) => l.tags)) count.set(t, (count.get(t) ?? 0) + 1)
  app.get('/stats', (c) => c.html(<dl>{[...count].sort().map(([t, n]) => <><dt>{t}</dt><dd>{n}</dd></>)}</dl>))
}
