import { extname } from "node:path";

/** Languages by file extension. One that this host cannot run is refused by name, rather than run as Python. */
const byExtension: Readonly<Record<string, string>> = {
  ".py": "python",
  ".js": "javascript",
  ".mjs": "javascript",
  ".cjs": "javascript",
  ".ts": "typescript",
  ".sh": "bash",
  ".rb": "ruby",
  ".r": "r",
  ".go": "go",
  ".rs": "rust",
  ".java": "java",
  ".c": "c",
  ".cpp": "cpp",
  ".cc": "cpp",
};

export function languageOf(file: string | undefined): string {
  return (file === undefined ? undefined : byExtension[extname(file).toLowerCase()]) ?? "python";
}
