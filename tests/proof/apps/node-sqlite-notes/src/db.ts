import sqlite3 from 'sqlite3';
import fs from 'fs';
import path from 'path';

const dataDir = process.env.DATA_DIR || './data';

export const db = new sqlite3.Database(path.join(dataDir, 'notes.db'));

export function all<T = any>(sql: string, params: any[] = []): Promise<T[]> {
  return new Promise((resolve, reject) => {
    db.all(sql, params, (err, rows) => (err ? reject(err) : resolve(rows as T[])));
  });
}

export function run(sql: string, params: any[] = []): Promise<number> {
  return new Promise((resolve, reject) => {
    db.run(sql, params, function (err) {
      err ? reject(err) : resolve(this.lastID);
    });
  });
}

function exec(sql: string): Promise<void> {
  return new Promise((resolve, reject) => db.exec(sql, (err) => (err ? reject(err) : resolve())));
}

export async function migrate(): Promise<number> {
  const [{ user_version: current }] = await all<{ user_version: number }>('PRAGMA user_version');
  const files = fs.readdirSync('migrations').filter((f) => f.endsWith('.sql')).sort();
  for (const [i, file] of files.entries()) {
    if (i + 1 > current) {
      await exec(fs.readFileSync(path.join('migrations', file), 'utf8'));
      await exec(`PRAGMA user_version = ${i + 1}`);
    }
  }
  return files.length;
}
