import { mistake } from "../arguments/mistake.ts";

/** The server that `--server` or the variable names; undefined when neither does. Throws `ProblemError` naming it. */
export function serverAddress(option: string | undefined, variable: string | undefined): URL | undefined {
  const [field, text] = option === undefined ? ["GLOVEBOX_SERVER", variable] : ["--server", option];
  if (text === undefined || (text === "" && option === undefined)) return undefined;
  const needs = `needs the address of a server, as http://127.0.0.1:7070, not ${JSON.stringify(text)}`;
  let url: URL;
  try {
    url = new URL(/^[a-z+.-]+:\/\//i.test(text) ? text : `http://${text}`);
  } catch (cause) {
    throw mistake(field, needs, cause);
  }
  const isPlain = url.search === "" && url.hash === "" && url.username === "" && url.password === "";
  if ((url.protocol !== "http:" && url.protocol !== "https:") || !isPlain) throw mistake(field, needs);
  if (!url.pathname.endsWith("/")) url.pathname += "/";
  return url;
}
