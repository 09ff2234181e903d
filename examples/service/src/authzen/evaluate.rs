//! Evaluations: may this user do this action to this resource?

use std::collections::{BTreeMap, BTreeSet, HashMap};

use axum::Json;
use labelgate::{Kind, Reason, Subject};
use serde::Deserialize;
use serde_json::{Value, json};

use crate::authzen::request::{Body, Entity, Malformed, Named, NamedAction, Resource};
use crate::authzen::seen::{Seen, with_row};
use crate::problem::{Answer, Result, bad_request};
use crate::services::{NoProof, Service};

/// How many evaluations a request has at most.
const MOST: usize = 100;

pub async fn evaluation(service: Service, body: Body) -> Answer {
    let asked = asked(&body)?;
    let facts = Facts::load(&service, [&asked]).await?;
    Ok(Json(facts.decide(&service, &asked)?.into()))
}

pub async fn evaluations(service: Service, body: Body) -> Answer {
    let semantic = body.optional::<Options>("options")?.unwrap_or_default().evaluations_semantic;
    let evaluations = body.evaluations()?;
    if evaluations.is_empty() {
        return evaluation(service, body).await;
    }
    if evaluations.len() > MOST {
        return Err(bad_request(format!("more than {MOST} evaluations")));
    }
    body.check_entities()?;
    let read = |raw| asked(&Body::of_evaluation(raw)?.or(&body));
    let all: Vec<_> = evaluations.iter().map(|raw| read(raw)).collect();
    let facts = Facts::load(&service, all.iter().flatten()).await?;
    let mut decisions = Vec::new();
    for asked in &all {
        let decision = match asked {
            Ok(asked) => facts.decide(&service, asked)?,
            Err(malformed) => Decision::malformed(malformed),
        };
        let is_last = semantic.ends_with(decision.is_permitted);
        decisions.push(Value::from(decision));
        if is_last {
            break;
        }
    }
    Ok(Json(json!({ "evaluations": decisions })))
}

#[derive(Deserialize, Default)]
struct Options {
    #[serde(default)]
    evaluations_semantic: Semantic,
}

/// Which evaluations of a batch are decided.
#[derive(Deserialize, Default, Clone, Copy)]
#[serde(rename_all = "snake_case")]
enum Semantic {
    #[default]
    ExecuteAll,
    /// Those up to the first denial.
    DenyOnFirstDeny,
    /// Those up to the first permission.
    PermitOnFirstPermit,
}

impl Semantic {
    const fn ends_with(self, is_permitted: bool) -> bool {
        match self {
            Self::ExecuteAll => false,
            Self::DenyOnFirstDeny => !is_permitted,
            Self::PermitOnFirstPermit => is_permitted,
        }
    }
}

/// What an evaluation asks, or `None` if it names a user, an action or a resource that there cannot be.
type Asked = Option<(i64, NamedAction, Resource)>;

fn asked(body: &Body) -> Result<Asked, Malformed> {
    let subject: Entity = body.required("subject")?;
    let action: Named = body.required("action")?;
    let resource: Entity = body.required("resource")?;
    body.check_context()?;
    Ok(subject.user().zip(resource.resource()).and_then(|(user, resource)| {
        Some((user, NamedAction::done_to(resource.kind, &action.name)?, resource))
    }))
}

struct Decision {
    is_permitted: bool,
    context: Option<Value>,
}

impl Decision {
    const PERMIT: Self = Self { is_permitted: true, context: None };

    fn deny(reason: &str) -> Self {
        Self { is_permitted: false, context: Some(json!({ "reason": reason })) }
    }

    /// What is hidden and what is not there are one answer.
    fn not_found() -> Self {
        Self::deny(Reason::NotFound.code())
    }

    fn malformed(malformed: &Malformed) -> Self {
        let error = json!({ "status": 400, "message": malformed.to_string() });
        Self { is_permitted: false, context: Some(json!({ "error": error })) }
    }
}

impl From<Decision> for Value {
    fn from(Decision { is_permitted, context }: Decision) -> Self {
        match context {
            None => json!({ "decision": is_permitted }),
            Some(context) => json!({ "decision": is_permitted, "context": context }),
        }
    }
}

/// The members whom evaluations are about, and the rows as each of them sees them. Each is read once.
struct Facts {
    subjects: HashMap<i64, Subject<i64>>,
    seen: Seen,
}

impl Facts {
    /// One query for the members, and one for the rows of each kind as each of them sees them.
    async fn load(service: &Service, asked: impl IntoIterator<Item = &Asked>) -> Result<Self> {
        let mut ids: BTreeMap<i64, BTreeMap<Kind, BTreeSet<i64>>> = BTreeMap::new();
        for (user, _, Resource { kind, id }) in asked.into_iter().flatten() {
            ids.entry(*user).or_default().entry(*kind).or_default().insert(*id);
        }
        let users: Vec<i64> = ids.keys().copied().collect();
        let (mut subjects, mut seen) = (HashMap::new(), Seen::default());
        for subject in service.subjects(&users).await? {
            let user = subject.user().0;
            for (kind, ids) in ids.remove(&user).unwrap_or_default() {
                seen.read(service, &subject, kind, ids).await?;
            }
            subjects.insert(user, subject);
        }
        Ok(Self { subjects, seen })
    }

    fn decide(&self, service: &Service, asked: &Asked) -> Result<Decision> {
        let asked = asked.and_then(|(user, action, resource)| {
            Some((self.subjects.get(&user)?, action, resource))
        });
        let Some((subject, action, resource)) = asked else { return Ok(Decision::not_found()) };
        let logged = subject.logged(|entry| service.keep(entry, action.name));
        let answer = with_row!(&self.seen, subject, resource, |row| {
            logged.decide(action.action, row).map(drop)
        });
        match answer {
            Ok(()) => Ok(Decision::PERMIT),
            Err(NoProof::Denied(denied)) if denied.is_hidden() => Ok(Decision::not_found()),
            Err(NoProof::Denied(denied)) => Ok(Decision::deny(denied.reason().code())),
            Err(NoProof::Failed(failure)) => Err(failure),
        }
    }
}
