// Saves stores and calls functions of a real OpenClaw release.   node units_driver.mjs PACKAGE RESULTS.json < steps.json
//
//   {op: "save", store, entries}            puts the entries into the store
//   {op: "touch", store, field, value}      sets one field of every entry, all in one save
//   {op: "touchEntry", store, field, value} the same, entry by entry
//   {op: "call", name, args}                calls a function once for each argument list; arguments it changed come back
import fs from "node:fs";
import { realCode } from "./real_code.mjs";

const [packageDir, resultsFile] = process.argv.slice(2);
const real = realCode(packageDir);

const steps = {
  async save({ store, entries }) {
    const update = await real("updateSessionStore");
    await update(store, (sessions) => void Object.assign(sessions, entries));
  },
  async touch({ store, field, value }) {
    const update = await real("updateSessionStore");
    await update(store, (sessions) => {
      for (const entry of Object.values(sessions)) entry[field] = value;
    });
  },
  async touchEntry({ store, field, value }) {
    const update = await real("updateSessionStoreEntry");
    for (const sessionKey of Object.keys(JSON.parse(fs.readFileSync(store, "utf8")))) {
      await update({ storePath: store, sessionKey, update: async () => ({ [field]: value }) });
    }
  },
  async call({ name, args }) {
    const call = await real(name);
    if (!call) return { missing: true };
    return { results: args.map((one) => ({ value: call(...one), args: one })) };
  },
};

const results = [];
for (const step of JSON.parse(fs.readFileSync(0, "utf8"))) results.push((await steps[step.op](step)) ?? null);
fs.writeFileSync(resultsFile, JSON.stringify(results));
process.exit(0);
