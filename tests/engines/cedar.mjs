// Asks Cedar what a JSON object on the standard input asks: `schema`, `policies`, `users` and `rows` (entities),
// `actions`. Prints `invalid`, what is wrong with the policies, and `answers`: 0 and 1, by user, action, row.
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";

const require = createRequire(process.argv[2] + "/package.json");
const cedar = require("@cedar-policy/cedar-wasm/nodejs");
const { schema, policies, users, rows, actions } = JSON.parse(readFileSync(0, "utf8"));

const policySet = { staticPolicies: policies };
const validated = cedar.validate({ schema, policies: policySet });
const invalid = validated.type === "success" ? validated.validationErrors : validated.errors;
for (const parsed of [cedar.preparsePolicySet("policies", policySet), cedar.preparseSchema("schema", schema)]) {
  if (parsed.type !== "success") throw new Error(JSON.stringify(parsed));
}

let answers = "";
for (const user of users) {
  for (const action of actions) {
    for (const row of rows) {
      const answer = cedar.statefulIsAuthorized({
        principal: user.uid,
        action: { type: "Action", id: action },
        resource: row.uid,
        context: {},
        preparsedSchemaName: "schema",
        preparsedPolicySetId: "policies",
        validateRequest: true,
        entities: [user, row],
      });
      const { decision, diagnostics } = answer.response ?? {};
      if (!decision || diagnostics.errors.length > 0) throw new Error(JSON.stringify(answer));
      answers += decision === "allow" ? "1" : "0";
    }
  }
}
console.log(JSON.stringify({ invalid, answers }));
