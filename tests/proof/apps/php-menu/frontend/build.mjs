// Bundles frontend/ into public/build/ with Debian's esbuild; the names carry a
// hash, PHP looks them up in manifest.json.
import { execFileSync } from "node:child_process";
import { readFileSync, rmSync, writeFileSync } from "node:fs";
import { basename } from "node:path";

const out = "public/build";
rmSync(out, { recursive: true, force: true });
execFileSync("esbuild", [
  "frontend/app.js", "frontend/app.css",
  "--bundle", "--minify", "--target=es2019",
  "--entry-names=[name]-[hash]", `--outdir=${out}`, "--metafile=/tmp/meta.json",
], { stdio: "inherit" });

const manifest = {};
for (const [file, { entryPoint }] of Object.entries(JSON.parse(readFileSync("/tmp/meta.json")).outputs)) {
  manifest[basename(entryPoint)] = basename(file);
}
writeFileSync(`${out}/manifest.json`, JSON.stringify(manifest, null, 2) + "\n");
