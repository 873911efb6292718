import type { Hono } from 'hono'
import type { Link } from '../src/links'

enum Kind { Link = 'link' }

export default (app: Hono, links: Link[]) =>
  app.get('/links.opml', (c) => {
    const rows = links.map((l) => `<outline type="${Kind.Link}" text="${l.title}" url="${l.url}"/>`)
    return c.body(`<opml version="2.0"><body>\n${rows.join('\n')}\n</body></opml>\n`, 200, { 'Content-Type': 'text/x-opml' })
  })
