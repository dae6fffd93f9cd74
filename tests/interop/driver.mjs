// Runs the session-store code of one real OpenClaw release.   node driver.mjs PACKAGE VERB STORE [ARGUMENT...]
//
//   increment KEY FIELD COUNT [PAUSE_MS]   that many locked updates -> {ok, failed: [message], longestMs, totalMs}
//   read KEY...                            the entries as this release reads them
//   hold MS                                holds the lock inside an update; prints "holding" once it does
//   die                                    the same, then kills itself
//
// Counting verbs print "ready" and wait for a line on stdin, so that several writers start together.
import fs from "node:fs";
import readline from "node:readline";
import { realCode } from "./real_code.mjs";

const [packageDir, verb, store, ...rest] = process.argv.slice(2);
const real = realCode(packageDir);

const say = (value) => fs.writeSync(1, (typeof value === "string" ? value : JSON.stringify(value)) + "\n");
const sleep = (ms) => new Promise((resolve) => setTimeout(resolve, ms));
const go = async () => {
  say("ready");
  for await (const _line of readline.createInterface({ input: process.stdin })) return;
};

const verbs = {
  async increment(key, field, count, pause = "0") {
    const update = await real("updateSessionStore");
    await go();
    const result = { ok: 0, failed: [], longestMs: 0, totalMs: 0 };
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
      const took = performance.now() - asked;
      result.longestMs = Math.max(result.longestMs, took);
      result.totalMs += took;
      if (Number(pause)) await sleep(Number(pause));
    }
    return result;
  },
  async read(...keys) {
    const load = await real("loadSessionStore");
    const sessions = load(store, { skipCache: true });
    return Object.fromEntries(keys.map((key) => [key, sessions[key] ?? null]));
  },
  async hold(ms) {
    const update = await real("updateSessionStore");
    await update(store, async () => {
      say("holding");
      await sleep(Number(ms));
    });
    return "released";
  },
  async die() {
    const update = await real("updateSessionStore");
    await update(store, async () => {
      say("holding");
      process.kill(process.pid, "SIGKILL");
      await sleep(60_000);
    });
  },
};

say((await verbs[verb](...rest)) ?? null);
process.exit(0);
