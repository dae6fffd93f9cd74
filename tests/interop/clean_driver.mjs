// What a busy gateway writes when nothing is stale, by the functions of one real OpenClaw release.
//
//   node clean_driver.mjs PACKAGE STORE SEED COUNT KEYS OWN_KEYS
//
// So many writes, as fast as they go; one seed gives one sequence. KEYS are written by other processes too, but for what
// computes outside the lock (after a run): that is given OWN_KEYS only and a fresh copy. Both are JSON lists. Says
// "ready", waits for a line, then prints {written, failed: [message]}.
import crypto from "node:crypto";
import fs from "node:fs";
import readline from "node:readline";
import { realCode } from "./real_code.mjs";

const [packageDir, store, seed, count, sharedKeys, ownKeys] = process.argv.slice(2);
const [shared, own] = [JSON.parse(sharedKeys), JSON.parse(ownKeys)];
const real = realCode(packageDir);
const say = (value) => fs.writeSync(1, JSON.stringify(value) + "\n");

const load = await real("loadSessionStore");
const update = await real("updateSessionStore");
const updateEntry = await real("updateSessionStoreEntry");
const lastRoute = await real("updateLastRoute");
const fromInbound = await real("recordSessionMetaFromInbound");
const override = await real("applyModelOverrideToSessionEntry");
const patchSession = await real("applySessionsPatchToStore"); // not exported by 2026.3.2
const afterRun = await real("updateSessionStoreAfterAgentRun"); // the same
const persistUsage = await real("persistSessionUsageUpdate"); // exported by 2026.1.29 only
const compacted = await real("incrementCompactionCount"); // not exported by 2026.3.2
const prune = await real("pruneStaleEntries"); // not there in 2026.1.29

let state = Number(seed) >>> 0;
function random() {
  state = (state + 0x6d2b79f5) >>> 0;
  let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
  mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
  return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
}
const below = (limit) => Math.floor(random() * limit);
const pick = (list) => list[below(list.length)];
const anyKey = () => pick([...shared, ...own]);

const MODELS = [["anthropic", "claude-opus-4-5"], ["openai", "gpt-5.2"], ["google", "gemini-3"], ["zai", "glm-4.7"]];
const LEVELS = {
  thinkingLevel: ["low", "medium", "high", null],
  verboseLevel: ["on", "off", null],
  reasoningLevel: ["on", "off", "stream", null],
  elevatedLevel: ["on", "off", "ask", null],
  responseUsage: ["tokens", "full", null],
  sendPolicy: ["allow", "deny", null],
  groupActivation: ["mention", "always", null],
};
const CHATS = [
  { channel: "telegram", to: "telegram:1" },
  { channel: "telegram", to: "telegram:-100", threadId: 7 },
  { channel: "slack", to: "channel:c1", accountId: "work" },
  { channel: "whatsapp", to: "+4911" },
];
const stamp = (entry) => Math.max(entry?.updatedAt ?? 0, Date.now());

async function patch(key, fields) {
  await update(store, async (sessions) => {
    if (patchSession) {
      const catalog = MODELS.map(([provider, id]) => ({ provider, id, name: id }));
      const params = { cfg: {}, store: sessions, storeKey: key, patch: fields, loadGatewayModelCatalog: async () => catalog };
      const done = await patchSession(params);
      if (!done.ok) throw new Error(done.error?.message);
      return;
    }
    const entry = (sessions[key] = { ...sessions[key], updatedAt: stamp(sessions[key]) });
    for (const [name, value] of Object.entries(fields)) {
      if (name === "model") setModel(entry, value);
      else if (value === null) delete entry[name];
      else entry[name] = value;
    }
  });
}

function setModel(entry, value) {
  const [provider, model] = value ? value.split("/") : MODELS[0];
  override({ entry, selection: { provider, model, isDefault: !value } });
}

const usage = () => ({ input: below(90_000), output: below(9000), cacheRead: pick([0, 18_432, 22_016]), cacheWrite: pick([0, 512]) });
const modelOf = (entry) => (entry.modelOverride ? [entry.providerOverride, entry.modelOverride] : pick(MODELS));

const writes = {
  model: () => patch(anyKey(), { model: pick(MODELS).join("/") }),
  defaultModel: () => patch(anyKey(), { model: null }),
  async level() {
    const name = pick(Object.keys(LEVELS));
    await patch(anyKey(), { [name]: pick(LEVELS[name]) });
  },
  async several() {
    const levels = Object.fromEntries(["thinkingLevel", "verboseLevel", "sendPolicy"].map((name) => [name, pick(LEVELS[name])]));
    await patch(anyKey(), { model: pick([null, pick(MODELS).join("/")]), ...levels });
  },
  label: () => patch(anyKey(), { label: pick([null, `chat ${below(1e6)}`, `release train ${below(1e6)}`]) }),
  route: () => lastRoute({ storePath: store, sessionKey: anyKey(), ...pick(CHATS) }),
  async inbound() {
    const { channel, to, accountId, threadId } = pick(CHATS);
    const ctx = { Provider: channel, From: to, To: to, AccountId: accountId, MessageThreadId: threadId };
    ctx.ChatType = pick(["direct", "group"]);
    await fromInbound({ storePath: store, sessionKey: anyKey(), ctx });
  },
  async usage() {
    const [providerUsed, modelUsed] = pick(MODELS);
    const sessionKey = anyKey();
    const systemPromptReport = { source: "run", generatedAt: Date.now(), systemPrompt: { chars: below(60_000) } };
    if (persistUsage) {
      const used = { usage: usage(), providerUsed, modelUsed, contextTokensUsed: 200_000, systemPromptReport };
      return persistUsage({ storePath: store, sessionKey, ...used });
    }
    const { input, output, cacheRead, cacheWrite } = usage();
    const totalTokens = input + cacheRead + cacheWrite;
    const tokens = { inputTokens: input, outputTokens: output, cacheRead, cacheWrite, totalTokens, totalTokensFresh: true };
    const run = { modelProvider: providerUsed, model: modelUsed, contextTokens: 200_000, systemPromptReport };
    return updateEntry({ storePath: store, sessionKey, update: async () => ({ ...tokens, ...run, updatedAt: Date.now() }) });
  },
  async afterRun() {
    if (!afterRun) return writes.usage();
    const sessionKey = pick(own);
    const sessionStore = load(store, { skipCache: true });
    const { sessionId } = sessionStore[sessionKey];
    const [provider, model] = modelOf(sessionStore[sessionKey]);
    const result = { meta: { agentMeta: { sessionId, provider, model, usage: usage() } } };
    const defaults = { defaultProvider: MODELS[0][0], defaultModel: MODELS[0][1], contextTokensOverride: 200_000 };
    await afterRun({ cfg: {}, sessionId, sessionKey, storePath: store, sessionStore, ...defaults, result });
  },
  async compaction() {
    const key = anyKey();
    if (!compacted) {
      const after = (entry) => ({ compactionCount: (entry.compactionCount ?? 0) + 1, totalTokens: below(9000) });
      return updateEntry({ storePath: store, sessionKey: key, update: async (entry) => after(entry) });
    }
    const sessionStore = load(store, { skipCache: true });
    return compacted({ sessionStore, sessionKey: pick(own), storePath: store, tokensAfter: 1 + below(9000) });
  },
  async status() {
    const fields = pick([
      { status: "running", startedAt: Date.now(), abortedLastRun: false },
      { status: "done", endedAt: Date.now(), systemSent: true },
      { status: "failed", abortedLastRun: true },
    ]);
    await updateEntry({ storePath: store, sessionKey: anyKey(), update: async () => fields });
  },
  async heartbeat() {
    const key = anyKey();
    await update(store, (sessions) => {
      sessions[key] = { ...sessions[key], lastHeartbeatText: pick(["all is well", "mail waits"]), lastHeartbeatSentAt: Date.now() };
    });
  },
  async fallback() {
    const [providerOverride, modelOverride] = pick(MODELS);
    const notice = { fallbackNoticeSelectedModel: "a/b", fallbackNoticeActiveModel: `${providerOverride}/${modelOverride}` };
    const auto = { providerOverride, modelOverride, modelOverrideSource: "auto", ...notice, fallbackNoticeReason: "rate limit" };
    const over = Object.fromEntries(Object.keys(auto).map((name) => [name, undefined]));
    const next = (entry) => (entry.modelOverrideSource === "auto" && random() < 0.5 ? over : auto);
    await updateEntry({ storePath: store, sessionKey: anyKey(), update: async (entry) => next(entry) });
  },
  async profile() {
    const profile = { authProfileOverride: pick(["openai:a", "openai:b"]), authProfileOverrideSource: "auto" };
    const rotated = { ...profile, authProfileOverrideCompactionCount: below(3) };
    await updateEntry({ storePath: store, sessionKey: anyKey(), update: async () => rotated });
  },
  async reset() {
    // sessions.reset, as the handlers of these releases write it
    const key = anyKey();
    await update(store, (sessions) => {
      const was = sessions[key];
      const kept = ["thinkingLevel", "verboseLevel", "reasoningLevel", "responseUsage", "model", "contextTokens", "sendPolicy"];
      const next = { sessionId: crypto.randomUUID(), updatedAt: Date.now(), systemSent: false, abortedLastRun: false };
      for (const name of [...kept, "label", "origin", "lastChannel", "lastTo", "skillsSnapshot"]) next[name] = was?.[name];
      sessions[key] = { ...next, inputTokens: 0, outputTokens: 0, totalTokens: 0 };
    });
  },
  async spawn() {
    const key = `agent:main:subagent:${crypto.randomUUID()}`;
    const old = Date.now() - 40 * 86_400_000;
    await update(store, (sessions) => {
      sessions[key] = { sessionId: crypto.randomUUID(), updatedAt: random() < 0.5 ? old : Date.now(), spawnedBy: "agent:main:main" };
    });
  },
  async prune() {
    await update(store, (sessions) => {
      prune?.(sessions, 30 * 86_400_000);
      const spawned = Object.keys(sessions).filter((key) => key.includes(":subagent:"));
      for (const key of spawned.slice(0, Math.max(0, spawned.length - 10))) delete sessions[key];
      const touched = pick(own);
      sessions[touched] = { ...sessions[touched], updatedAt: stamp(sessions[touched]) };
    });
  },
};
const OFTEN = ["usage", "usage", "route", "route", "level", "level", "model", "defaultModel", "afterRun", "inbound", "status"];

const result = { written: 0, failed: [] };
say("ready");
for await (const _line of readline.createInterface({ input: process.stdin })) break;
for (let turn = 0; turn < Number(count); turn++) {
  const name = pick([...OFTEN, ...Object.keys(writes)]);
  try {
    await writes[name]();
    result.written += 1;
  } catch (error) {
    result.failed.push(`${name}: ${error?.message ?? error}`);
  }
}
say(result);
process.exit(0);
