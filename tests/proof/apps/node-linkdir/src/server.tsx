import { readdirSync } from 'node:fs'
import { resolve } from 'node:path'
import { pathToFileURL } from 'node:url'
import { serve } from '@hono/node-server'
import { Hono } from 'hono'
import { links, tagged, type Link } from './links'

const app = new Hono()

const Page = ({ title, items }: { title: string; items: Link[] }) => (
  <html>
    <head><title>{title}</title></head>
    <body>
      <h1>{title}</h1>
      <ul>{items.map((l) => <li><a href={l.url}>{l.title}</a></li>)}</ul>
    </body>
  </html>
)

app.get('/', (c) => c.html(<Page title="Links" items={links} />))
app.get('/tag/:tag', (c) => c.html(<Page title={`Tag ${c.req.param('tag')}`} items={tagged(c.req.param('tag'))} />))
app.get('/healthz', (c) => c.text('ok'))

// every file in plugins/ adds its routes
for (const file of readdirSync('plugins').sort()) {
  const plugin = await import(pathToFileURL(resolve('plugins', file)).href)
  plugin.default(app, links)
}

serve({ fetch: app.fetch, port: Number(process.env.PORT) })
