/**
 * Keeps web pages from driving this server. A page of another origin cannot pass the Origin check, and a
 * page whose host name was pointed at this machine (DNS rebinding) carries that name in Host.
 */
import { isIP } from "node:net";
import { ProblemError } from "@glovebox/protocol";

/** The host of a Host header or of an origin, in lower case, without port and without brackets. */
function hostName(authority: string): string | undefined {
  const match = /^(?:\[([0-9A-Fa-f:.]+)\]|([^[\]:/@?#\s]+))(?::\d{1,5})?$/.exec(authority);
  return (match?.[1] ?? match?.[2])?.toLowerCase();
}

function isLoopbackName(host: string): boolean {
  return host === "localhost" || host.endsWith(".localhost");
}

interface OriginHeaders {
  readonly host?: string | undefined;
  readonly origin?: string | undefined;
}

/** The problem of a request that a web page may have forged; undefined when there is none. */
export type BrowserGuard = (headers: OriginHeaders) => ProblemError | undefined;

/** `allowedHosts` are names without port, besides loopback names and IP addresses, which always pass. */
export function createBrowserGuard(allowedHosts: readonly string[]): BrowserGuard {
  const allowed = new Set(allowedHosts.map((host) => host.toLowerCase()));

  return ({ host, origin }) => {
    const name = host === undefined ? undefined : hostName(host);
    if (host === undefined || name === undefined) {
      return new ProblemError("forbidden-origin", "the request needs a Host header that names this server");
    }
    if (isIP(name) === 0 && !isLoopbackName(name) && !allowed.has(name)) {
      return new ProblemError("forbidden-origin", `the host ${JSON.stringify(name)} is not one of this server`);
    }
    if (origin !== undefined && !isSameOrigin(origin, host)) {
      return new ProblemError("forbidden-origin", `pages of ${JSON.stringify(origin)} may not call this server`);
    }
    return undefined;
  };
}

/** The scheme is not compared: behind a proxy that ends TLS it differs. */
function isSameOrigin(origin: string, host: string): boolean {
  return /^https?:\/\//i.test(origin) && origin.slice(origin.indexOf("//") + 2).toLowerCase() === host.toLowerCase();
}
