//! gatehouse: policies in Rust, one for each rule.

use ::gatehouse::{EvaluationSession, PermissionChecker, PolicyBuilder, PolicyDomain};
use labelgate::{Action, Actions, Role};

use crate::policy::{HERE, Lists, Peer, Question, Row, Rule, ready};

pub(crate) struct Labeling;

pub(crate) struct User {
    organization: i32,
    role: Role,
}

impl PolicyDomain for Labeling {
    type Subject = User;
    type Action = Action;
    type Resource = Row;
    type Context = ();
}

pub(crate) struct Gatehouse(PermissionChecker<Labeling>);

impl Peer for Gatehouse {
    const NAME: &'static str = "gatehouse";

    type Request = (User, Action, Row);

    fn load(rules: &[Rule]) -> Self {
        let mut checker = PermissionChecker::new();
        for rule in rules {
            let (role, enough) = (rule.role, rule.enough);
            let actions: Actions = rule.actions.iter().copied().collect();
            let policy = PolicyBuilder::<Labeling>::new(format!("{role}: {enough}"))
                .subjects(move |user| user.role == role)
                .actions(move |action| actions.has(*action))
                .resources(move |row| enough.matches(row.facts))
                .when(|user, _, row, ()| user.organization == row.organization);
            checker.add_policy(policy.build());
        }
        Self(checker)
    }

    fn request(&self, Question { role, action, row }: Question) -> Self::Request {
        (User { organization: HERE, role }, action, row)
    }

    fn permits(&mut self, (user, action, row): &Self::Request) -> bool {
        let session = EvaluationSession::empty();
        ready(self.0.bind(&session, user, action, &()).check(row)).is_granted()
    }
}

impl Lists for Gatehouse {
    type Rows = Vec<Row>;

    fn rows(&self, rows: &[Row]) -> Vec<Row> {
        rows.to_vec()
    }

    fn list(&mut self, role: Role, action: Action, rows: &Vec<Row>) -> Vec<usize> {
        let (session, user) = (EvaluationSession::empty(), User { organization: HERE, role });
        let bound = self.0.bind(&session, &user, &action, &());
        let seen = ready(bound.try_filter(rows)).expect("nothing is loaded that could fail");
        seen.into_iter().map(|row| row.id).collect()
    }
}
