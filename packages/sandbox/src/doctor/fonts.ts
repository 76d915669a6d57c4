import { readdirSync } from "node:fs";
import { join } from "node:path";
import type { Check } from "../api.ts";
import { charactersOf } from "./font-characters.ts";

/** Where programs find fonts: they see no other folder for them of the host. */
const fontFolders = ["/usr/share/fonts", "/usr/local/share/fonts"];

/** A character that each font for the language has, and fonts for others lack. */
const scripts: readonly (readonly [language: string, character: string])[] = [
  ["Chinese", "\u4e2d"],
  ["Japanese", "\u3042"],
  ["Korean", "\ud55c"],
];

function fontsIn(folder: string): string[] {
  try {
    return readdirSync(folder, { recursive: true, encoding: "utf8" })
      .filter((name) => /\.(?:ttf|otf|ttc|otc)$/i.test(name))
      .sort()
      .map((name) => join(folder, name));
  } catch {
    return []; // there is no such folder
  }
}

/** Whether plots can have Chinese, Japanese and Korean text. */
export function checkFonts(folders: readonly string[] = fontFolders): Check {
  const check = { id: "fonts", title: "fonts with Chinese, Japanese and Korean characters" };
  let missing = [...scripts];
  const used: string[] = [];
  for (const path of folders.flatMap(fontsIn)) {
    if (missing.length === 0) break;
    const characters = missing.map(([, character]) => character);
    const found = charactersOf(path, characters);
    if (found.length > 0) used.push(path);
    missing = missing.filter(([, character]) => !found.includes(character));
  }
  if (missing.length === 0) return { ...check, status: "ok", found: used.join(", "), cost: "", fix: null };
  return {
    ...check,
    status: "degraded",
    found: `no font has those of ${missing.map(([language]) => language).join(", ")}`,
    cost: "plots show boxes in their place, with a warning for each",
    fix: "sudo apt-get install -y fonts-wqy-microhei   # has all three in 5 MB",
  };
}
