#!/usr/bin/env node
/** What dist/main.js is built from: loads the command line, already compiled (see scripts/build.sh). */
import { join } from "node:path";
import { load } from "./code-cache.ts";

/** Name of the file that main.ts was built into. */
declare const bundleName: string;

load(join(__dirname, bundleName), require);
