// Finds functions of a real OpenClaw release by the names they have in its sources.
import fs from "node:fs";
import path from "node:path";
import { pathToFileURL } from "node:url";

// A bundler exports `inner as outer`; plain modules export the name itself.
function exportedName(text, name) {
  if (new RegExp(`^export (async )?function ${name}\\(`, "m").test(text)) return name;
  const list = text.match(/\nexport \{([^}]*)\};?\s*$/)?.[1] ?? "";
  for (const part of list.split(",")) {
    const [inner, outer] = part.trim().split(/\s+as\s+/);
    if (inner === name) return outer ?? inner;
  }
  return null;
}

/** A function (name) -> the release's exported function of that name, or null. */
export function realCode(packageDir) {
  const dist = path.join(packageDir, "dist");
  const files = fs.readdirSync(dist, { recursive: true }).filter((name) => /\.m?js$/.test(name)).sort();
  const texts = new Map();
  const textOf = (file) => {
    if (!texts.has(file)) texts.set(file, fs.readFileSync(path.join(dist, file), "utf8"));
    return texts.get(file);
  };
  return async (name) => {
    for (const file of files) {
      if (!new RegExp(`^(export )?(async )?function ${name}\\(`, "m").test(textOf(file))) continue;
      const exported = exportedName(textOf(file), name);
      if (exported) return (await import(pathToFileURL(path.join(dist, file)).href))[exported];
    }
    return null;
  };
}
