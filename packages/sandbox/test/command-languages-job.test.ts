// Depends on: identity.
import { describe, expect, it } from "vitest";
import type { ExecutionSpec } from "../src/index.ts";
import { commandLanguages } from "./support/command-languages.ts";
import { exited } from "./support/outcomes.ts";
import { problemOf, program } from "./support/sandboxes.ts";

const { perl, run } = commandLanguages();

describe("the job of a program", () => {
  const job: ExecutionSpec = {
    files: [
      { name: "b.csv", content: "1" },
      { name: "dir/a.csv", content: "2" },
    ],
    parameters: { factor: 2, name: "North €", "two-part.name": true, list: [1, { a: null }] },
    data: { station: "North", readings: [3, 5, 8, 13] },
  };

  it("is in its variables", async () => {
    const names =
      "PARAM_FACTOR PARAM_NAME PARAM_TWO_PART_NAME PARAM_LIST INPUT_DATA UPLOADED_FILES WORKSPACE GLOVEBOX_INPUT GLOVEBOX_RESULTS";
    const execution = await perl(`print map { "$_=$ENV{$_}\\n" } qw(${names} JOB_ID)`, job);
    expect(execution.stdout).toBe(
      program(
        "PARAM_FACTOR=2",
        "PARAM_NAME=North €",
        "PARAM_TWO_PART_NAME=true",
        'PARAM_LIST=[1,{"a":null}]',
        'INPUT_DATA={"station":"North","readings":[3,5,8,13]}',
        "UPLOADED_FILES=b.csv\ndir/a.csv",
        "WORKSPACE=/workspace",
        "GLOVEBOX_INPUT=/glovebox/input.json",
        "GLOVEBOX_RESULTS=/glovebox/results.jsonl",
        `JOB_ID=${execution.id}`,
      ),
    );
  });

  it("is in its file, which it may change, and nothing else is in the job folder", async () => {
    const execution = await perl(
      [
        "open my $in, '<', $ENV{GLOVEBOX_INPUT}; print <$in>, \"\\n\";",
        "print -s $ENV{GLOVEBOX_RESULTS}, ' ', join(',', sort map { s{.*/}{}r } glob '/glovebox/*'), \"\\n\";",
        "print open(my $out, '>>', $ENV{GLOVEBOX_INPUT}) ? 'mine' : $!;",
      ],
      job,
    );
    const [input = "", ...rest] = execution.stdout.split("\n");
    expect(JSON.parse(input)).toEqual({
      parameters: job.parameters,
      data: job.data,
      uploadedFiles: ["b.csv", "dir/a.csv"],
      workspace: "/workspace",
      jobId: execution.id,
    });
    expect(rest).toEqual(["0 input.json,results.jsonl", "mine"]);
  });

  it("may be large: what is too large for a variable is in the file, and the program starts", async () => {
    const data = Array.from({ length: 50_000 }, (_, index) => `row ${index}`);
    const parameters = { large: "x".repeat(300_000), small: "s" };
    const files = Array.from({ length: 900 }, (_, index) => ({ name: `${"n".repeat(200)}-${index}`, content: "" }));
    const { stdout, outcome } = await perl(
      [
        "use JSON::PP; local $/; open my $in, '<', $ENV{GLOVEBOX_INPUT}; my $job = decode_json(<$in>);",
        "print join ' ', scalar @{$job->{data}}, length $job->{parameters}{large}, scalar @{$job->{uploadedFiles}}, ''; ",
        "print join ' ', map { exists $ENV{$_} ? 'set' : 'unset' } qw(INPUT_DATA PARAM_LARGE PARAM_SMALL UPLOADED_FILES);",
      ],
      { data, parameters, files },
    );
    expect([outcome, stdout]).toEqual([exited(0), "50000 300000 900 unset unset set unset"]);
  });

  it.each<[string, ExecutionSpec]>([
    ["parameters", { parameters: { large: "x".repeat(200_000) } }],
    ["data", { data: "x".repeat(200_000) }],
    ["files that fill it to the last byte", { files: [{ name: "f", content: Buffer.alloc(65_536 - 2 * 4_096 + 1) }] }],
  ])("that does not fit on the disk of the program is refused: %s", async (_, spec) => {
    const problem = await problemOf(perl("print 1", { ...spec, limits: { diskBytes: 65_536 } }));
    expect([problem.code, problem.errors[0]?.field]).toEqual(["invalid-request", "limits.diskBytes"]);
  });

  it("that just fits leaves the program running", async () => {
    const files = [{ name: "f", content: Buffer.alloc(65_536 - 2 * 4_096) }];
    const { outcome, stdout } = await perl("sleep 1; print 'ran'", { files, limits: { diskBytes: 65_536 } });
    expect([outcome, stdout]).toEqual([exited(0), "ran"]);
  });

  it.each([
    ["perl", "Perl"],
    ["bash", "Bash"],
  ])("variables to return are warned about in %s, which is not told of them", async (language, title) => {
    const execution = await run({ language, code: language === "perl" ? "1" : "true", returnVariables: ["x"] });
    expect(execution.variables).toEqual({});
    expect(execution.warnings).toEqual([
      `returnVariables: ${title} has no variables that could be returned; save results instead`,
    ]);
  });
});
