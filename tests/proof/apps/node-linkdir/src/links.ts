import { readFileSync } from 'node:fs'
import { parse } from 'yaml'

export type Link = { title: string; url: string; tags: string[] }

export const links: Link[] = parse(readFileSync('links.yaml', 'utf8'))

export const tagged = (tag?: string) => links.filter((l) => !tag || l.tags.includes(tag))
