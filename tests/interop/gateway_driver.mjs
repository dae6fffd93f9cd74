// The right forms of a real OpenClaw release, on a store.   node gateway_driver.mjs PACKAGE STORE < steps.json
//
//   {do: "put", entries}                          saves the entries through the release
//   {do: "patch", key, patch, model}              sessions.patch; `model` is the agent's default
//   {do: "route", key, route}                     updateLastRoute
//   {do: "entry", key, patch}                     updateSessionStoreEntry
//   {do: "afterRun", key, result}                 updateSessionStoreAfterAgentRun, its snapshot fresh
//   {do: "handler", key, request}                 the agent handler of 2026.6.6 around the release's own merges
import fs from "node:fs";
import { realCode } from "./real_code.mjs";

const [packageDir, storePath] = process.argv.slice(2);
const real = realCode(packageDir);
const update = await real("updateSessionStore");
const undefinedFor = (patch) => Object.fromEntries(Object.entries(patch).map(([name, value]) => [name, value ?? undefined]));

const steps = {
  async put({ entries }) {
    await update(storePath, (store) => void Object.assign(store, entries));
  },
  async patch({ key, patch, model }) {
    const apply = await real("applySessionsPatchToStore");
    const [provider, id] = model.split("/");
    const cfg = { agents: { defaults: { model: { primary: model } } } };
    const catalog = [{ provider, id, name: id, reasoning: true }];
    await update(storePath, async (store) => {
      const patched = await apply({ cfg, store, storeKey: key, patch, loadGatewayModelCatalog: async () => catalog });
      if (!patched.ok) throw new Error(patched.error.message);
    });
  },
  async route({ key, route }) {
    await (await real("updateLastRoute"))({ storePath, sessionKey: key, ...route });
  },
  async entry({ key, patch }) {
    await (await real("updateSessionStoreEntry"))({ storePath, sessionKey: key, update: async () => undefinedFor(patch) });
  },
  async afterRun({ key, result }) {
    const sessionStore = structuredClone(JSON.parse(fs.readFileSync(storePath, "utf8")));
    const { sessionId } = sessionStore[key];
    const agentMeta = { sessionId, provider: result.provider, model: result.model, usage: result.usage };
    await (await real("updateSessionStoreAfterAgentRun"))({
      cfg: {},
      sessionId,
      sessionKey: key,
      storePath,
      sessionStore,
      defaultProvider: "anthropic",
      defaultModel: "claude-opus-4-5",
      contextTokensOverride: result.contextTokens,
      result: { meta: { agentMeta, aborted: result.aborted } },
    });
  },
  async handler({ key, request }) {
    const merge = await real("mergeSessionEntry");
    const normalize = await real("normalizeSessionDeliveryFields");
    const mergeDelivery = await real("mergeDeliveryContext");
    await update(storePath, (store) => {
      const fresh = store[key];
      const known = normalize(fresh);
      const deliveryContext = mergeDelivery(known.deliveryContext, request.route);
      const fields = normalize({ route: known.route, deliveryContext });
      const label = request.label?.trim() || fresh?.label;
      const channel = fresh?.channel ?? request.route?.channel;
      const patch = { ...(label ? { label } : {}), ...(channel ? { channel } : {}) };
      for (const [name, value] of Object.entries(fields)) if (value != null) patch[name] = value;
      store[key] = merge(fresh, { ...patch, updatedAt: Date.now() });
    });
  },
};

const failed = {};
for (const step of JSON.parse(fs.readFileSync(0, "utf8"))) {
  try {
    await steps[step.do](step);
  } catch (error) {
    failed[step.key ?? step.do] = error.message;
  }
}
fs.writeSync(1, JSON.stringify({ failed }) + "\n");
process.exit(0);
