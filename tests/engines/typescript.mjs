// Compiles `module`, of a JSON object on the standard input, with `use` beside it, and asks it about `facts`. Prints
// `errors`, what the compiler says, and `answers`: a text of 0 and 1, by role, action, facts.
import { execFileSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

const { module, use, facts } = JSON.parse(readFileSync(0, "utf8"));
const folder = mkdtempSync(join(tmpdir(), "labelgate-"));
try {
  writeFileSync(join(folder, "package.json"), '{"type": "module"}');
  writeFileSync(join(folder, "labelgate.ts"), module);
  writeFileSync(join(folder, "use.ts"), use);
  const tsc = join(process.argv[2], "node_modules/typescript/bin/tsc");
  let errors = "";
  try {
    const files = [join(folder, "labelgate.ts"), join(folder, "use.ts")];
    const options = ["--strict", "--target", "es2022", "--module", "nodenext", "--types", ""];
    execFileSync(process.execPath, [tsc, ...options, ...files], { encoding: "utf8", stdio: "pipe" });
  } catch (error) {
    errors = error.stdout + error.stderr;
  }
  let answers = "";
  if (!errors) {
    const { ACTIONS, ROLES, can } = await import(join(folder, "labelgate.js"));
    for (const role of ROLES)
      for (const action of ACTIONS) for (const bits of facts) answers += can(role, action, bits) ? "1" : "0";
  }
  console.log(JSON.stringify({ errors, answers }));
} finally {
  rmSync(folder, { recursive: true });
}
