//! Does a record say what was decided and by which matrix?

use labelgate::audit::{Audit, Fingerprint};
use labelgate::decision::decide;
use labelgate::row::MaybeRow;
use labelgate::sets::Scopes;
use labelgate::{
    Action, Actions, Fact, Facts, Matrix, OrganizationId, ProjectId, Reason, Role, Row, Scope,
    ScopeCtx, Subject, UserId,
};
use labelgate_test_input::hostile;
use labelgate_test_support::oracle;
use serde_json::{from_str, from_value, json, to_value};

const HERE: OrganizationId<u32> = OrganizationId(1);
const ME: UserId<u32> = UserId(7);

fn me(role: Role) -> Subject<u32> {
    Subject::new(HERE, ME, role)
}

type Project = Row<ProjectId<u32>>;

fn project_in(organization: OrganizationId<u32>) -> Project {
    let facts = Facts::none().with(Fact::ProjectCreator);
    Row::seen_by(ME, ProjectId(9), organization, facts).unwrap()
}

fn record(
    subject: &Subject<u32>,
    action: Action,
    row: impl MaybeRow<Organization = u32, User = u32>,
) -> Audit {
    match subject.decide(action, row) {
        Ok(granted) => granted.audit(),
        Err(denied) => denied.audit(),
    }
}

#[test]
fn records_say_what_was_decided_and_come_back() {
    let limits = [None, Some(Actions::ExportData | Actions::ViewProject)];
    for role in Role::ALL {
        for action in Action::ALL {
            for through_api in [false, true] {
                for limit in limits {
                    for organization in [HERE, OrganizationId(2)] {
                        let mut subject = me(role);
                        if through_api {
                            subject = subject.through_api();
                        }
                        if let Some(limit) = limit {
                            subject = subject.limited_to(limit);
                        }
                        let project = project_in(organization);
                        let audit = record(&subject, action, project);
                        let decision = subject.decide(action, project);
                        assert_eq!((audit.role, audit.action), (role, action));
                        let inside = organization == HERE;
                        assert_eq!(audit.facts, inside.then_some(project.facts()));
                        assert_eq!((audit.through_api, audit.limit), (through_api, limit));
                        assert_eq!(audit.allowed, decision.is_ok());
                        let reason = decision.err().map(|denied| denied.reason());
                        assert_eq!(audit.reason, reason);
                        assert_eq!(audit.matrix, Matrix::BUILT_IN.fingerprint());
                        assert!(audit.agrees_with(&Matrix::BUILT_IN));

                        let wire = to_value(audit).unwrap();
                        assert_eq!(from_value::<Audit>(wire).unwrap(), audit);
                    }
                }
            }
        }
    }
}

#[test]
fn a_record_is_of_the_organization_role_and_the_facts() {
    assert_eq!(
        to_value(record(&me(Role::Manager), Action::ExportData, project_in(HERE))).unwrap(),
        json!({
            "role": "MA",
            "action": "data.export",
            "facts": ["project_creator"],
            "through_api": false,
            "limit": null,
            "allowed": true,
            "reason": null,
            "matrix": Matrix::BUILT_IN.fingerprint().to_string(),
        })
    );
    let limited = me(Role::Owner).limited_to(Actions::ViewProject).through_api();
    let nothing: Option<Project> = None;
    assert_eq!(
        to_value(record(&limited, Action::ExportData, nothing)).unwrap(),
        json!({
            "role": "OW",
            "action": "data.export",
            "facts": null,
            "through_api": true,
            "limit": ["projects.view"],
            "allowed": false,
            "reason": "not_found",
            "matrix": Matrix::BUILT_IN.fingerprint().to_string(),
        })
    );
}

#[test]
fn a_record_that_was_changed_agrees_with_no_matrix() {
    let matrix = &Matrix::BUILT_IN;
    let record = record(&me(Role::Manager), Action::ExportData, project_in(HERE));
    let none = Facts::none();
    let mut changed = Vec::new();
    let mut change = |change: &dyn Fn(&mut Audit)| {
        let mut audit = record;
        change(&mut audit);
        changed.push(audit);
    };
    change(&|audit| audit.role = Role::Deactivated);
    change(&|audit| audit.facts = Some(none));
    change(&|audit| audit.facts = None);
    change(&|audit| audit.action = Action::ViewOwnerAccount);
    change(&|audit| audit.allowed = false);
    change(&|audit| audit.reason = Some(Reason::ScopeNotHeld));
    change(&|audit| audit.limit = Some(Actions::empty()));
    change(&|audit| {
        audit.through_api = true;
        audit.facts = Some(none.with(Fact::ProjectMember));
    });
    for audit in changed {
        assert!(!audit.agrees_with(matrix), "{audit:?}");
    }
    assert!(record.agrees_with(matrix));

    // A denial because there were no facts says so, and no other denial lacks them.
    let nothing: Option<Project> = None;
    for role in Role::ALL {
        let audit = self::record(&me(role), Action::ExportData, nothing);
        assert!(audit.agrees_with(matrix));
        let mut other = audit;
        other.reason = Some(Reason::RoleNeverHolds);
        assert!(!other.agrees_with(matrix));
        let mut active = audit;
        active.role = Role::Owner;
        assert_eq!(active.agrees_with(matrix), role.is_active());
    }
    // A decision about a context keeps no facts.
    let granted = decide(Role::Owner, Action::ExportData, ScopeCtx::organization()).unwrap();
    assert!(!granted.audit().agrees_with(matrix));
}

/// The records of a log that 0.2 wrote. It decided a list that it denied as it would have decided about a row of
/// which every fact holds that could.
#[test]
fn records_of_0_2_are_read_and_replayed() {
    let kept: std::collections::BTreeMap<String, Vec<serde_json::Value>> =
        from_str(include_str!("fixtures/audits-0.2.json")).unwrap();
    let strict = Matrix::BUILT_IN.with_cell(Role::Manager, Action::ExportData, Scopes::empty());
    let matrices = [Matrix::BUILT_IN, strict.unwrap()];
    // Another action changes the fingerprint, but no cell that 0.2 had.
    let fingerprints: [Fingerprint; 2] =
        ["ffef56037b68b6ce", "c4691e35b210e8cf"].map(|of_0_2| of_0_2.parse().unwrap());
    let mut reasons = std::collections::BTreeSet::new();
    for (what, wire) in kept.iter().flat_map(|(what, all)| all.iter().map(move |one| (what, one))) {
        let mut record: Audit = from_value(wire.clone()).unwrap();
        assert_eq!(&to_value(record).unwrap(), wire);
        let by = fingerprints.iter().position(|of_0_2| *of_0_2 == record.matrix).unwrap();
        record.matrix = matrices[by].fingerprint();
        for matrix in matrices {
            let is_by_it = record.matrix == matrix.fingerprint();
            assert_eq!(record.agrees_with(&matrix), is_by_it, "{what}: {wire}");
        }
        assert!(matrices.iter().any(|matrix| record.agrees_with(matrix)), "{what}: {wire}");
        let mut forged = record;
        forged.allowed ^= true;
        assert!(matrices.iter().all(|matrix| !forged.agrees_with(matrix)), "{what}: {wire}");
        assert!(what == "decisions" || !record.allowed, "{what}: {wire}");
        reasons.insert((what, record.reason.map(Reason::code)));
    }
    let of = |what: &str| reasons.iter().filter(|reason| reason.0 == what).count();
    assert_eq!(of("decisions"), Reason::ALL.len() + 1); // and none
    assert_eq!(of("denied_lists"), 8);
}

fn outside() -> Audit {
    record(&me(Role::Owner), Action::UseApi, project_in(OrganizationId(2)))
}

#[test]
fn unknown_fields_and_reasons_are_refused() {
    let mut wire = to_value(outside()).unwrap();
    let refusal =
        |wire: &serde_json::Value| from_value::<Audit>(wire.clone()).unwrap_err().to_string();
    wire["user"] = json!("mia@example.org");
    assert!(refusal(&wire).starts_with("unknown field `user`"));
    wire.as_object_mut().unwrap().remove("user");
    wire.as_object_mut().unwrap().remove("reason");
    assert_eq!(refusal(&wire), "missing field `reason`");
    wire["reason"] = json!("mood");
    assert!(refusal(&wire).starts_with("unknown reason `mood`"));
    wire["reason"] = json!(null);
    wire["matrix"] = json!("BEEF");
    assert_eq!(refusal(&wire), "not a fingerprint `BEEF`");
    wire["matrix"] = json!("0123456789abcdef");
    let twice = format!(r#"{{"role": "DI", {}"#, &wire.to_string()[1..]);
    let refused = from_str::<Audit>(&twice).unwrap_err().to_string();
    assert!(refused.starts_with("duplicate field `role` at line 1"), "{refused}");
}

#[test]
fn a_record_is_an_object() {
    let audit = outside();
    let wire = to_value(audit).unwrap();
    let fields = ["role", "action", "facts", "through_api", "limit", "allowed", "reason", "matrix"];
    let array = json!(fields.map(|field| &wire[field]));
    assert_eq!(
        from_value::<Audit>(array.clone()).unwrap_err().to_string(),
        "invalid type: sequence, expected an object of `role`, `action`, `facts`, `through_api`, \
         `limit`, `allowed`, `reason`, `matrix`"
    );

    #[derive(serde::Deserialize)]
    #[serde(untagged)]
    enum Either {
        Record(Audit),
        Other(serde_json::Value),
    }
    assert!(matches!(from_value(array.clone()).unwrap(), Either::Other(other) if other == array));
    assert!(matches!(from_value(wire).unwrap(), Either::Record(record) if record == audit));
}

#[test]
fn errors_repeat_little_of_a_record() {
    let wire = to_value(outside()).unwrap();
    for hostile in hostile::hostile_texts() {
        hostile::tame::<Audit>(&json!(hostile));
        hostile::tame::<Fingerprint>(&json!(hostile));
        hostile::tame::<Fingerprint>(&json!([hostile]));
        for field in [
            "role",
            "action",
            "facts",
            "through_api",
            "limit",
            "allowed",
            "reason",
            "matrix",
            &hostile,
        ] {
            let mut other = wire.clone();
            other[field] = json!(hostile);
            hostile::tame::<Audit>(&other);
        }
    }
}

#[test]
fn a_record_is_checked_against_a_matrix() {
    let export = |matrix| {
        record(&me(Role::Manager).with_matrix(matrix), Action::ExportData, project_in(HERE))
    };
    let strict =
        Matrix::BUILT_IN.with_cell(Role::Manager, Action::ExportData, Scopes::empty()).unwrap();
    let (usual, other) = (export(Matrix::BUILT_IN), export(strict));
    assert!(usual.allowed && usual.agrees_with(&Matrix::BUILT_IN));
    assert!(!other.allowed && other.agrees_with(&strict));
    assert_eq!(other.matrix, strict.fingerprint());
    assert!(!usual.agrees_with(&strict) && !other.agrees_with(&Matrix::BUILT_IN));
}

#[test]
fn the_fingerprint_is_the_fnv_1a_hash_of_the_specification_s_cells() {
    let bit = |letter| match letter {
        "O" => 1,
        "O?" => 2,
        "P" => 4,
        "W" => 8,
        "G" => 16,
        _ => 0,
    };
    let mut hash: u128 = 14_695_981_039_346_656_037;
    for role in oracle::CODES {
        for row in oracle::TABLE {
            let cell: u128 = oracle::cell(role, row.1).split(' ').map(bit).sum();
            hash = (hash ^ cell) * 1_099_511_628_211 % (1 << 64);
        }
    }
    assert_eq!(Matrix::BUILT_IN.fingerprint().to_string(), format!("{hash:016x}"));
}

/// All that a cell can say: the 32 sets of scopes.
fn cells() -> impl Iterator<Item = Scopes> {
    (0..=Scopes::all().bits()).map(Scopes::from_bits_retain)
}

#[test]
fn the_fingerprint_changes_with_any_cell_and_only_then() {
    let built_in = Matrix::BUILT_IN.fingerprint();
    let mut seen = vec![built_in];
    for role in Role::ALL.into_iter().filter(|role| role.is_active()) {
        for action in Action::ALL {
            let now = Matrix::BUILT_IN.scopes(role, action);
            for scopes in cells() {
                let changed = Matrix::BUILT_IN.with_cell(role, action, scopes).unwrap();
                assert_eq!(changed.scopes(role, action), scopes);
                if scopes == now {
                    assert_eq!(changed, Matrix::BUILT_IN);
                    assert_eq!(changed.fingerprint(), built_in);
                } else {
                    seen.push(changed.fingerprint());
                    let back = changed.with_cell(role, action, now).unwrap();
                    assert_eq!(back, Matrix::BUILT_IN);
                }
            }
        }
    }
    let all = seen.len();
    let active = Role::ALL.into_iter().filter(|role| role.is_active()).count();
    assert_eq!(all, 1 + active * Action::COUNT * usize::from(Scopes::all().bits()));
    seen.sort_by_key(Fingerprint::to_string);
    seen.dedup();
    assert_eq!(seen.len(), all);
}

#[test]
fn a_changed_cell_is_all_that_changes() {
    for role in Role::ALL.into_iter().filter(|role| role.is_active()) {
        for action in Action::ALL {
            for scopes in cells() {
                let changed = Matrix::BUILT_IN.with_cell(role, action, scopes).unwrap();
                for ctx in ScopeCtx::ALL {
                    let mut expected = Matrix::BUILT_IN.actions(role, ctx);
                    expected.set(action.into(), scopes.intersects(ctx.scopes()));
                    assert_eq!(changed.actions(role, ctx), expected);
                    assert_eq!(changed.can(role, action, ctx), expected.has(action));
                }
            }
            let rest = Matrix::BUILT_IN.with_cell(role, action, Scopes::empty()).unwrap();
            for other in Role::ALL.into_iter().filter(|&other| other != role) {
                for ctx in ScopeCtx::ALL {
                    assert_eq!(rest.actions(other, ctx), Matrix::BUILT_IN.actions(other, ctx));
                }
            }
        }
    }
}

#[test]
fn the_powerless_stay_powerless_in_any_matrix() {
    for role in [Role::NotActivated, Role::Deactivated] {
        let refused = Matrix::BUILT_IN.with_cell(role, Action::ViewProject, Scope::Own.into());
        assert_eq!(refused.unwrap_err().role, role);
    }
    let unknown = Scopes::from_bits_retain(0xff);
    let changed = Matrix::BUILT_IN.with_cell(Role::Manager, Action::UseApi, unknown).unwrap();
    assert_eq!(changed.scopes(Role::Manager, Action::UseApi), Scopes::all());
    assert!(!changed.can(Role::Manager, Action::UseApi, ScopeCtx::outside()));
}

#[test]
fn fingerprints_are_sixteen_digits() {
    let text = Matrix::BUILT_IN.fingerprint().to_string();
    assert_eq!(text.len(), 16);
    assert_eq!(text.parse(), Ok(Matrix::BUILT_IN.fingerprint()));
    for bad in
        ["", "0", "+123456789abcdef", "0123456789ABCDEF", "0123456789abcdef0", "0x23456789abcdef"]
    {
        let error = bad.parse::<Fingerprint>().unwrap_err();
        assert_eq!(error.to_string(), format!("not a fingerprint `{bad}`"));
    }
}
