// Runs the session-store code of a real release that keeps a database.   node database_driver.mjs PACKAGE VERB STORE [ARGUMENT...]
//
//   seed KEY COUNT                  that many sessions, KEY first
//   increment KEY FIELD COUNT       says "ready"; for every line that many updates -> {times: [ms], failed: [message]}
//   read KEY...                     the entries as this release reads them
//   patch KEY FIELDS                fields laid over the entry by the release's own patch
//
// STORE is the place of the sessions.json that the database took over.
import crypto from "node:crypto";
import fs from "node:fs";
import path from "node:path";
import readline from "node:readline";
import { pathToFileURL } from "node:url";

const [packageDir, verb, storePath, ...rest] = process.argv.slice(2);
const real = await import(pathToFileURL(path.join(packageDir, "dist/plugin-sdk/session-store-runtime.js")).href);
const say = (value) => fs.writeSync(1, (typeof value === "string" ? value : JSON.stringify(value)) + "\n");
const update = (sessionKey, change) =>
  real.updateSessionStoreEntry({ storePath, sessionKey, requireWriteSuccess: true, update: change });

const verbs = {
  async seed(key, count) {
    for (let number = 0; number < Number(count); number++) {
      const entry = { sessionId: crypto.randomUUID(), updatedAt: Date.now(), label: `é🔎 ${number}` };
      await real.upsertSessionEntry({ storePath, sessionKey: number ? `agent:main:s${number}` : key, entry });
    }
    return "seeded";
  },
  async increment(key, field, count) {
    say("ready");
    for await (const _line of readline.createInterface({ input: process.stdin })) {
      const times = [];
      const failed = [];
      for (let turn = 0; turn < Number(count); turn++) {
        const asked = performance.now();
        try {
          await update(key, (entry) => ({ [field]: (entry[field] ?? 0) + 1 }));
        } catch (error) {
          failed.push(String(error?.message ?? error));
        }
        times.push(performance.now() - asked);
      }
      say({ times, failed });
    }
    return "done";
  },
  async read(...keys) {
    const sessions = real.loadSessionStore(storePath);
    return Object.fromEntries(keys.map((key) => [key, sessions[key] ?? null]));
  },
  async patch(key, fields) {
    await update(key, () => JSON.parse(fields));
    return "patched";
  },
};
say(await verbs[verb](...rest));
process.exit(0);
