// Writers of one real OpenClaw release that hold a copy while they think.   node stale_driver.mjs PACKAGE STORE
//
// One JSON command a line on stdin, one JSON answer a line on stdout; says "ready" first.
//
//   {do: "patch", key, fields}            in the release's own locked update, a model by its own override function
//   {do: "handler", key, wait}            the agent handler of 2026.1.29: cached load, thinking, its fields assigned whole
//   {do: "mergedHandler", key, wait}      that of 2026.2.26 to 5.20: the same fields laid over the fresh entry
//   {do: "afterRun", key, wait}           updateSessionStoreAfterAgentRun with the copy from before the run
//   {do: "heartbeat", key, wait}          unlocked load, thinking, the whole store saved
//   {do: "lastRoute", key, wait, to}      updateLastRoute, which reads the cache inside its lock
//
// Those that think first say "loaded"; their answer has the entries they `held` and a `mark`: key, field
// and value by which their write is known.
import fs from "node:fs";
import readline from "node:readline";
import { realCode } from "./real_code.mjs";

const [packageDir, store] = process.argv.slice(2);
const real = realCode(packageDir);
const say = (value) => fs.writeSync(1, JSON.stringify(value) + "\n");
const sleep = (ms) => new Promise((resolve) => setTimeout(resolve, ms));
const load = await real("loadSessionStore");
const update = await real("updateSessionStore");
const save = await real("saveSessionStore");
const lastRoute = await real("updateLastRoute");
const override = await real("applyModelOverrideToSessionEntry");

const HANDLER_FIELDS = [
  ...["thinkingLevel", "verboseLevel", "reasoningLevel", "systemSent", "sendPolicy", "skillsSnapshot"],
  ...["deliveryContext", "lastChannel", "lastTo", "lastAccountId", "modelOverride", "providerOverride", "label"],
  ...["spawnedBy", "channel", "groupId", "groupChannel", "space", "cliSessionIds", "claudeCliSessionId"],
];

const thinkers = {
  async handler({ key, wait }) {
    const held = load(store)[key];
    const next = { sessionId: held.sessionId, updatedAt: Date.now() };
    for (const field of HANDLER_FIELDS) next[field] = held[field];
    say("loaded");
    await sleep(wait);
    await update(store, (sessions) => {
      sessions[key] = next;
    });
    return { held: { [key]: held }, mark: [key, "updatedAt", next.updatedAt] };
  },
  async mergedHandler({ key, wait }) {
    const merge = await real("mergeSessionEntry");
    const held = load(store)[key];
    const patch = { sessionId: held.sessionId, updatedAt: Date.now() };
    for (const field of [...HANDLER_FIELDS, "spawnDepth"]) patch[field] = held[field];
    say("loaded");
    await sleep(wait);
    const written = await update(store, (sessions) => (sessions[key] = merge(sessions[key], patch)));
    return { held: { [key]: held }, mark: [key, "updatedAt", written.updatedAt] };
  },
  async afterRun({ key, wait }) {
    const afterRun = await real("updateSessionStoreAfterAgentRun");
    const sessionStore = load(store);
    const held = structuredClone(sessionStore[key]);
    say("loaded");
    await sleep(wait);
    const figure = () => 1000 + Math.floor(Math.random() * 90000);
    const usage = { input: figure(), output: figure() };
    await afterRun({
      cfg: {},
      sessionId: held.sessionId,
      sessionKey: key,
      storePath: store,
      sessionStore,
      defaultProvider: "anthropic",
      defaultModel: "claude-opus-4-5",
      contextTokensOverride: 200000,
      result: { meta: { agentMeta: { sessionId: held.sessionId, provider: "anthropic", model: "claude-opus-4-5", usage } } },
    });
    return { held: { [key]: held }, mark: [key, "inputTokens", usage.input] };
  },
  async heartbeat({ key, wait }) {
    const sessions = load(store);
    const held = structuredClone(sessions);
    const sentAt = Date.now();
    sessions[key] = { ...sessions[key], lastHeartbeatText: "all is well", lastHeartbeatSentAt: sentAt };
    say("loaded");
    await sleep(wait);
    await save(store, sessions);
    return { held, mark: [key, "lastHeartbeatSentAt", sentAt] };
  },
  async lastRoute({ key, wait, to }) {
    load(store);
    say("loaded");
    await sleep(wait);
    const held = load(store);
    const written = await lastRoute({ storePath: store, sessionKey: key, channel: "telegram", to });
    return { held, mark: [key, "updatedAt", written.updatedAt] };
  },
};

async function patch({ key, fields }) {
  const { providerOverride: provider, modelOverride: model, ...others } = fields;
  await update(store, (sessions) => {
    const entry = sessions[key];
    if (model) override({ entry, selection: { provider, model, isDefault: false } });
    Object.assign(entry, others);
    entry.updatedAt = Math.max(entry.updatedAt ?? 0, Date.now());
  });
  return {};
}

say("ready");
for await (const line of readline.createInterface({ input: process.stdin })) {
  const command = JSON.parse(line);
  say(await (thinkers[command.do] ?? patch)(command));
}
process.exit(0);
