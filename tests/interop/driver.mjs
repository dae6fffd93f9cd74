// Runs the session-store code of one real OpenClaw release.   node driver.mjs PACKAGE VERB STORE [ARGUMENT...]
//
//   increment KEY FIELD COUNT [PAUSE_MS]   that many locked updates -> {ok, failed: [message], longestMs}
//   read KEY...                            the entries as this release reads them
//   hold MS                                holds the lock inside an update; prints "holding" once it does
//   die                                    the same, then kills itself
//
// Counting verbs print "ready" and wait for a line on stdin, so that several writers start together.
import fs from "node:fs";
import path from "node:path";
import readline from "node:readline";
import { pathToFileURL } from "node:url";

const [packageDir, verb, store, ...rest] = process.argv.slice(2);
const dist = path.join(packageDir, "dist");

// Names survive bundling only inside the chunk: `function updateSessionStore(` with `export { updateSessionStore as d }`.
function exportsOf(text) {
  const names = new Map();
  for (const [, name] of text.matchAll(/^export (?:async )?function (\w+)\(/gm)) names.set(name, name);
  const list = text.match(/\nexport \{([^}]*)\};?\s*$/)?.[1] ?? "";
  for (const part of list.split(",")) {
    const [inner, outer] = part.trim().split(/\s+as\s+/);
    if (inner) names.set(inner, outer ?? inner);
  }
  return names;
}

async function real(...wanted) {
  const files = fs.readdirSync(dist, { recursive: true }).filter((name) => /\.m?js$/.test(name)).sort();
  for (const file of files) {
    const text = fs.readFileSync(path.join(dist, file), "utf8");
    if (!wanted.every((name) => new RegExp(`^(export )?(async )?function ${name}\\(`, "m").test(text))) continue;
    const names = exportsOf(text);
    if (!wanted.every((name) => names.has(name))) continue;
    const chunk = await import(pathToFileURL(path.join(dist, file)).href);
    return wanted.map((name) => chunk[names.get(name)]);
  }
  throw new Error(`not in this release: ${wanted.join(", ")}`);
}

const say = (value) => fs.writeSync(1, (typeof value === "string" ? value : JSON.stringify(value)) + "\n");
const sleep = (ms) => new Promise((resolve) => setTimeout(resolve, ms));
const go = async () => {
  say("ready");
  for await (const _line of readline.createInterface({ input: process.stdin })) return;
};

const verbs = {
  async increment(key, field, count, pause = "0") {
    const [update] = await real("updateSessionStore");
    await go();
    const result = { ok: 0, failed: [], longestMs: 0 };
    for (let turn = 0; turn < Number(count); turn++) {
      const asked = performance.now();
      try {
        await update(store, (sessions) => {
          sessions[key][field] = (sessions[key][field] ?? 0) + 1;
          sessions[key].updatedAt = Date.now();
        });
        result.ok += 1;
      } catch (error) {
        result.failed.push(String(error?.message ?? error));
      }
      result.longestMs = Math.max(result.longestMs, performance.now() - asked);
      if (Number(pause)) await sleep(Number(pause));
    }
    return result;
  },
  async read(...keys) {
    const [load] = await real("loadSessionStore");
    const sessions = load(store, { skipCache: true });
    return Object.fromEntries(keys.map((key) => [key, sessions[key] ?? null]));
  },
  async hold(ms) {
    const [update] = await real("updateSessionStore");
    await update(store, async () => {
      say("holding");
      await sleep(Number(ms));
    });
    return "released";
  },
  async die() {
    const [update] = await real("updateSessionStore");
    await update(store, async () => {
      say("holding");
      process.kill(process.pid, "SIGKILL");
      await sleep(60_000);
    });
  },
};

say((await verbs[verb](...rest)) ?? null);
process.exit(0);
