// Unpacks the browser and the system libraries that come with it: node unpack.mjs FOLDER
import { createReadStream, createWriteStream } from "node:fs";
import { chmod, mkdir } from "node:fs/promises";
import { dirname, join } from "node:path";
import { pipeline } from "node:stream/promises";
import { fileURLToPath } from "node:url";
import { createBrotliDecompress } from "node:zlib";

const packed = join(dirname(fileURLToPath(import.meta.url)), "node_modules/@sparticuz/chromium/bin");
const folder = process.argv[2];
await mkdir(folder, { recursive: true });
for (const [from, to] of [["chromium.br", "chromium"], ["al2023.tar.br", "libraries.tar"], ["swiftshader.tar.br", "swiftshader.tar"]]) {
  await pipeline(createReadStream(join(packed, from)), createBrotliDecompress(), createWriteStream(join(folder, to)));
}
await chmod(join(folder, "chromium"), 0o755);
