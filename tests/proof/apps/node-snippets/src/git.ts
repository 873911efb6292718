import { execFile } from 'node:child_process';
import { promisify } from 'node:util';

const exec = promisify(execFile);

export const repo = process.env.SNIPPETS_REPO ?? '/var/snippets';

/** Runs git in the repository of the snippets. */
export async function git(...args: string[]): Promise<string> {
  const { stdout } = await exec('git', ['-C', repo, ...args]);
  return stdout.trim();
}

export async function script(name: string, ...args: string[]): Promise<string> {
  const { stdout } = await exec(`scripts/${name}`, args);
  return stdout.trim();
}
