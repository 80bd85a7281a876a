// Builds static/dist: hashed, minified, compressed, with a manifest of names. Run by `make assets`.
//
// Style sheets: Sass -> our colours -> physical sides -> right-to-left twin -> lightningcss.
// Scripts: esbuild, one classic file each, for the oldest browser we promise (Chrome 61, Safari 12).
// Fails, rather than warns, when another site's address, a literal colour or too many bytes are left.

import { createHash } from "node:crypto";
import { mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import path from "node:path";
import { fileURLToPath } from "node:url";
import zlib from "node:zlib";

import browserslist from "browserslist";
import esbuild from "esbuild";
import { browserslistToTargets, Features, transform } from "lightningcss";
import postcss from "postcss";
import logical from "postcss-logical";
import rtlcss from "rtlcss";
import * as sass from "sass";

const here = path.dirname(fileURLToPath(import.meta.url));
const root = path.dirname(here);
const dist = path.join(here, "dist");
const floor = browserslist(undefined, { path: root });

// Compressed bytes on the wire: what a phone on a bad line at night can afford (docs: page weight).
const BUDGET = { "app.css": 22_000, "app.rtl.css": 22_000, "app.js": 9_000, "icon.svg": 2_000, "socket.io.js": 15_000 };

// Colours nhsuk-frontend mixes or fixes itself, and the token each one stands for.
const TOKENS = {
  "#9e1a10": "var(--error)",
  "#6f120b": "var(--text)",
  "#57110b": "var(--text)",
  "#00612d": "var(--success)",
  "#aeb7bd": "var(--line)",
  "#d8dde0": "var(--line)",
  "#4c6272": "var(--quiet)",
  "#005eb8": "var(--brand)",
  "#212b32": "var(--text)",
  "#ffffff": "var(--surface)",
  white: "var(--surface)",
};
// Letters that readers can choose. Latin alone, and one weight: a page on a bad line must not wait for more.
const FONTS = {
  "atkinson.woff2": "atkinson-hyperlegible/files/atkinson-hyperlegible-latin-400-normal.woff2",
  "lexend.woff2": "lexend/files/lexend-latin-400-normal.woff2",
  "dyslexic.woff2": "opendyslexic/files/opendyslexic-latin-400-normal.woff2",
};

const LITERAL = /#[0-9a-f]{3,8}\b|(?<![\w-])white(?![\w-])/gi;

/** Only what comes from nhsuk-frontend; its own palette variables and NHS icon files are left out. */
function themed(css) {
  const left = new Set();
  const sheet = postcss.parse(css);
  sheet.walkDecls((decl) => {
    if (decl.prop.startsWith("--nhsuk") || decl.value.includes("/assets/")) return decl.remove();
    decl.value = decl.value.replace(LITERAL, (colour) => TOKENS[colour.toLowerCase()] ?? colour);
    const onPaper = decl.parent.parent?.params?.includes("print");
    if (!onPaper) for (const colour of decl.value.match(LITERAL) ?? []) left.add(`${decl.parent.selector} ${decl.prop}: ${colour}`);
  });
  if (left.size) throw new Error(`Colours no theme can change:\n  ${[...left].join("\n  ")}`);
  return sheet.toString();
}

function compileSass(file) {
  const { css } = sass.compile(path.join(here, "css", file), {
    loadPaths: [path.join(root, "node_modules/nhsuk-frontend/dist/nhsuk")],
    quietDeps: true,
  });
  return css.replace(/^@charset[^;]*;/, "");
}

/** Logical sides become left and right, which the oldest browsers know and rtlcss can mirror. */
const physical = async (css) => (await postcss([logical()]).process(css, { from: undefined })).css;

function minified(css, filename) {
  // `color-scheme` is left alone where it is not known: our themes do not depend on it.
  const options = { minify: true, targets: browserslistToTargets(floor), exclude: Features.LightDark };
  return transform({ filename, code: Buffer.from(css), ...options }).code;
}

async function styles() {
  const ours = compileSass("app.scss").replace(/\[(\w+\.woff2)\]/g, (_all, name) => hashedName(name, fontFile(name)));
  const both = await physical(themed(compileSass("nhsuk.scss")) + ours);
  return { "app.css": minified(both, "app.css"), "app.rtl.css": minified(rtlcss.process(both), "app.rtl.css") };
}

async function script(file) {
  const built = await esbuild.build({
    entryPoints: [path.join(here, "js", file)],
    bundle: true,
    minify: true,
    write: false,
    format: "iife",
    target: ["chrome61", "safari12", "firefox68"],
    // All three take `({ a }) =>`; esbuild's table counts a corner of it we do not use as missing.
    supported: { destructuring: true },
    legalComments: "none",
  });
  return Buffer.from(built.outputFiles[0].contents);
}

function brotli(bytes) {
  const params = { [zlib.constants.BROTLI_PARAM_QUALITY]: 11, [zlib.constants.BROTLI_PARAM_SIZE_HINT]: bytes.length };
  return zlib.brotliCompressSync(bytes, { params });
}

/** An asset's name with a part of its content's hash: it changes when the content does. */
function hashedName(name, bytes) {
  const { dir, name: stem, ext } = path.parse(name);
  return path.join(dir, `${stem}-${createHash("sha256").update(bytes).digest("hex").slice(0, 12)}${ext}`);
}

const fontFile = (name) => readFileSync(path.join(root, "node_modules/@fontsource", FONTS[name]));

/** A font as it is, for it is packed already, with its licence beside it. */
function publishFont(name) {
  const bytes = fontFile(name);
  const hashed = hashedName(name, bytes);
  writeFileSync(path.join(dist, hashed), bytes);
  const licence = path.join(root, "node_modules/@fontsource", FONTS[name].split("/")[0], "LICENSE");
  writeFileSync(path.join(dist, `${path.parse(name).name}-licence.txt`), readFileSync(licence));
  console.log(`${name.padEnd(14)} ${String(bytes.length).padStart(7)} bytes`);
  return hashed;
}

/** Writes one asset under its hashed name, and returns that name. */
function publish(name, bytes) {
  const text = bytes.toString();
  if (/assets\.nhs\.uk|frutiger/i.test(text)) throw new Error(`${name} mentions the NHS font or its host`);
  const hashed = hashedName(name, bytes);
  const small = brotli(bytes);
  if (small.length > BUDGET[name]) throw new Error(`${name} is ${small.length} bytes compressed; its budget is ${BUDGET[name]}`);
  writeFileSync(path.join(dist, hashed), bytes);
  writeFileSync(path.join(dist, `${hashed}.br`), small);
  writeFileSync(path.join(dist, `${hashed}.gz`), zlib.gzipSync(bytes, { level: 9 }));
  console.log(`${name.padEnd(14)} ${String(bytes.length).padStart(7)} bytes ${String(small.length).padStart(6)} br`);
  return hashed;
}

const assets = {
  ...(await styles()),
  "app.js": await script("app.js"),
  "socket.io.js": await script("socket.io.js"),
  "icon.svg": readFileSync(path.join(here, "img/icon.svg")),
};
rmSync(dist, { recursive: true, force: true });
mkdirSync(dist, { recursive: true });
const names = Object.fromEntries([
  ...Object.entries(assets).map(([name, bytes]) => [name, publish(name, bytes)]),
  ...Object.keys(FONTS).map((name) => [name, publishFont(name)]),
]);
writeFileSync(path.join(dist, "manifest.json"), `${JSON.stringify(names, null, 2)}\n`);
