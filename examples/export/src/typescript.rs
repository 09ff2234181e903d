//! TypeScript for clients: names that the compiler checks, the matrix, and what facts are enough.
//!
//! A client shows and hides buttons by it. The service decides.

use labelgate::{Action, Fact, Matrix, Reason, Role, Scope};

use crate::rules::Rules;

/// What comes after the constants.
const FUNCTION: &str = "\
/** Whether a member with this role may do the action to a row of their organization. `facts` is a sum of bits. */
export function can(role: Role, action: Action, facts: number): boolean {
  return ENOUGH[role][action].some((mask) => (facts & mask) === mask);
}
";

/// Prints a module of a matrix.
///
/// ```
/// use labelgate::Matrix;
///
/// let module = labelgate_export::typescript::print(&Matrix::BUILT_IN);
/// assert!(module.contains("export type Role = (typeof ROLES)[number];"));
/// ```
#[must_use]
pub fn print(matrix: &Matrix) -> String {
    let rules = Rules::of(*matrix);
    let bits = Fact::ALL.map(|fact| format!("\n  {fact}: {},", fact.bit())).concat();
    let kinds =
        Action::ALL.map(|action| format!("\n  \"{action}\": \"{}\",", action.kind())).concat();
    let scopes = by_role(|role, action| {
        let scopes = matrix.scopes(role, action).elements();
        scopes.map(|scope| format!("\"{scope}\"")).collect()
    });
    let masks = by_role(|role, action| {
        let filter = rules.filter(role, action);
        filter.alternatives().map(|facts| facts.bits().to_string()).collect()
    });
    format!(
        "// Printed by labelgate-export. Do not edit.

{roles}
{actions}
{reasons}
{scope_names}
/** The fingerprint of the matrix. */
export const FINGERPRINT = \"{fingerprint}\";

/** The bit of each fact in the integer that is selected with a row. */
export const FACT = {{{bits}
}} as const;
export type Fact = keyof typeof FACT;

/** The kind of row that an action is done to. */
export const KIND = {{{kinds}
}} as const satisfies Record<Action, string>;

/** By role and action: the scopes any one of which permits the action. */
export const MATRIX: Readonly<Record<Role, Readonly<Record<Action, readonly Scope[]>>>> = {{{scopes}
}};

/** By role and action: masks of facts. If all facts of one mask hold, they are enough. */
export const ENOUGH: Readonly<Record<Role, Readonly<Record<Action, readonly number[]>>>> = {{{masks}
}};

{FUNCTION}",
        roles = union("ROLES", "Role", &Role::ALL.map(Role::code)),
        actions = union("ACTIONS", "Action", &Action::ALL.map(Action::key)),
        reasons = union("REASONS", "Reason", &Reason::ALL.map(Reason::code)),
        scope_names = union("SCOPES", "Scope", &Scope::ALL.map(Scope::name)),
        fingerprint = matrix.fingerprint(),
    )
}

/// A list of texts, and the type of each.
fn union(list: &str, name: &str, texts: &[&str]) -> String {
    let texts: String = texts.iter().map(|text| format!("\n  \"{text}\",")).collect();
    format!(
        "export const {list} = [{texts}\n] as const;\nexport type {name} = (typeof {list})[number];\n"
    )
}

fn by_role(list: impl Fn(Role, Action) -> Vec<String>) -> String {
    let roles = Role::ALL.map(|role| {
        let cells = Action::ALL
            .map(|action| format!("\n    \"{action}\": [{}],", list(role, action).join(", ")));
        format!("\n  {role}: {{{}\n  }},", cells.concat())
    });
    roles.concat()
}
