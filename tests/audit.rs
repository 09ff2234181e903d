//! Does a record say what was decided and by which matrix?

mod common;
#[path = "common/hostile.rs"]
mod hostile;

use labelgate::{
    Action, Audit, Fingerprint, Matrix, OrganizationId, ProjectId, Role, Scope, ScopeCtx, Scopes,
    Subject, UserId, decide,
};
use serde_json::{from_str, from_value, json, to_value};

#[test]
fn records_say_what_was_decided_and_come_back() {
    for ctx in ScopeCtx::ALL {
        for role in Role::ALL {
            for action in Action::ALL {
                let audit = Matrix::BUILT_IN.audit(role, action, ctx);
                let decision = decide(role, action, ctx);
                assert_eq!((audit.role, audit.action, audit.facts), (role, action, ctx));
                assert_eq!(audit.allowed, decision.is_ok());
                assert_eq!(audit.reason, decision.err().map(|denied| denied.reason()));
                assert_eq!(audit.matrix, Matrix::BUILT_IN.fingerprint());

                let wire = to_value(audit).unwrap();
                assert_eq!(wire["reason"], json!(audit.reason.map(|reason| reason.to_string())));
                assert_eq!(from_value::<Audit>(wire).unwrap(), audit);
            }
        }
    }
}

#[test]
fn a_subject_s_record_is_of_the_role_and_the_facts_that_counted() {
    let (organization, user) = (OrganizationId(1), UserId(7));
    let subject = Subject { organization, user, role: Role::Manager, memberships: () };
    let project = organization.project(ProjectId(9)).created_by(user);
    assert_eq!(
        to_value(subject.audit(Action::ExportData, &project)).unwrap(),
        json!({
            "role": "MA",
            "action": "data.export",
            "facts": {"own": true, "project": true, "organization": true},
            "allowed": true,
            "reason": null,
            "matrix": Matrix::BUILT_IN.fingerprint().to_string(),
        })
    );
    for action in Action::ALL {
        let (role, facts) = subject.standing(action, &project);
        assert_eq!(subject.audit(action, &project), Matrix::BUILT_IN.audit(role, action, facts));
    }
}

#[test]
fn unknown_fields_and_reasons_are_refused() {
    let mut wire =
        to_value(Matrix::BUILT_IN.audit(Role::Owner, Action::UseApi, ScopeCtx::outside())).unwrap();
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
    let audit = Matrix::BUILT_IN.audit(Role::Owner, Action::UseApi, ScopeCtx::outside());
    let wire = to_value(audit).unwrap();
    let fields = ["role", "action", "facts", "allowed", "reason", "matrix"];
    let array = json!(fields.map(|field| &wire[field]));
    assert_eq!(
        from_value::<Audit>(array.clone()).unwrap_err().to_string(),
        "invalid type: sequence, expected an object of `role`, `action`, `facts`, `allowed`, \
         `reason`, `matrix`"
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
    let wire =
        to_value(Matrix::BUILT_IN.audit(Role::Owner, Action::UseApi, ScopeCtx::outside())).unwrap();
    for hostile in hostile::hostile_texts() {
        hostile::tame::<Audit>(&json!(hostile));
        hostile::tame::<Fingerprint>(&json!(hostile));
        hostile::tame::<Fingerprint>(&json!([hostile]));
        for field in ["role", "action", "facts", "allowed", "reason", "matrix", &hostile] {
            let mut other = wire.clone();
            other[field] = json!(hostile);
            hostile::tame::<Audit>(&other);
        }
    }
}

#[test]
fn a_record_is_checked_against_a_matrix() {
    let export = |matrix: Matrix| {
        matrix.audit(Role::Manager, Action::ExportData, ScopeCtx::organization().in_project())
    };
    let strict =
        Matrix::BUILT_IN.with_cell(Role::Manager, Action::ExportData, Scopes::empty()).unwrap();
    let (usual, other) = (export(Matrix::BUILT_IN), export(strict));
    assert!(usual.allowed && usual.agrees_with(&Matrix::BUILT_IN));
    assert!(!other.allowed && other.agrees_with(&strict));
    assert_eq!(other.matrix, strict.fingerprint());
    assert!(!usual.agrees_with(&strict) && !other.agrees_with(&Matrix::BUILT_IN));
    // A record that was tampered with agrees with none.
    let mut wire = to_value(usual).unwrap();
    wire["role"] = json!("DI");
    assert!(!from_value::<Audit>(wire).unwrap().agrees_with(&Matrix::BUILT_IN));
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
    for role in common::CODES {
        for row in common::TABLE {
            let cell: u128 = common::cell(role, row.1).split(' ').map(bit).sum();
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
    assert_eq!(all, 1 + 150 * 31);
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
