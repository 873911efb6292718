import fs from 'node:fs';
import { render, templates } from './render.js';

const usage = 'usage: mdtool [--template NAME] FILE | --list | --version';

export function main(args) {
  const config = JSON.parse(fs.readFileSync(process.env.MDTOOL_CONFIG || '/etc/mdtool.json', 'utf8'));
  let template = config.template;
  while (args[0]?.startsWith('--')) {
    const flag = args.shift();
    if (flag === '--version') {
      console.log(`mdtool ${process.env.MDTOOL_VERSION}`);
      return 0;
    } else if (flag === '--list') {
      console.log(templates().join('\n'));
      return 0;
    } else if (flag === '--template') {
      template = args.shift();
    } else {
      console.error(usage);
      return 2;
    }
  }
  if (args.length !== 1) {
    console.error(usage);
    return 2;
  }
  console.log(render(fs.readFileSync(args[0], 'utf8'), template));
  return 0;
}
