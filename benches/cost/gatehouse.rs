use std::pin::pin;
use std::task::{Context, Poll, Waker};

use gatehouse::{EvaluationSession, PermissionChecker, PolicyBuilder, PolicyDomain};

struct Labeling;

impl PolicyDomain for Labeling {
    type Subject = String;
    type Action = String;
    type Resource = bool;
    type Context = ();
}

fn answer(role: &str, action: &str, is_member: bool) -> bool {
    let policy = PolicyBuilder::<Labeling>::new("managers export")
        .subjects(|role| role == "MA")
        .actions(|action| action == "data.export")
        .resources(|is_member| *is_member);
    let mut checker = PermissionChecker::new();
    checker.add_policy(policy.build());
    let (session, role, action) = (EvaluationSession::empty(), role.to_owned(), action.to_owned());
    let bound = checker.bind(&session, &role, &action, &());
    let check = pin!(bound.check(&is_member));
    match check.poll(&mut Context::from_waker(Waker::noop())) {
        Poll::Ready(evaluation) => evaluation.is_granted(),
        Poll::Pending => unreachable!(),
    }
}
