//! Every value of `Facts`, for each role, in rows of organizations.
//!
//! Whether a project permits own data is about the project, so each organization has two. All other facts are about a
//! user: each role has a user for each combination of them.

use std::collections::BTreeSet;

use labelgate::{
    Action, Fact, Facts, Kind, Matrix, OrganizationId, ProjectId, RecordId, Role, Row, Subject,
    TaskId, UserId, WorkspaceId,
};
use labelgate_export::data;
use labelgate_export::model::relation;
use labelgate_export::tuple::{Id, Tuple};

use crate::case::Case;
use crate::oracle;

/// Among how many organizations the users are: engines cut a list at 1,000.
pub const ORGANIZATIONS: i64 = 8;

/// An organization by its number, and whoever is asked about in it.
pub struct Organization<'a> {
    pub number: i64,
    /// Of each role, the facts of a user.
    pub facts: Vec<Facts>,
    /// The subject with a role.
    pub subject: &'a dyn Fn(OrganizationId<i64>, UserId<i64>, Role) -> Subject<i64>,
}

/// All facts, with a subject of each role: a case for each organization.
pub fn cases(
    subject: &dyn Fn(OrganizationId<i64>, UserId<i64>, Role) -> Subject<i64>,
) -> Vec<Case> {
    let case = |number| {
        let mine = of_users().enumerate().filter(|(n, _)| *n as i64 % ORGANIZATIONS == number);
        let facts = mine.map(|(_, facts)| facts).collect();
        let mut case = Case::default();
        Organization { number, facts, subject }.add(&mut case);
        case
    };
    (0..ORGANIZATIONS).map(case).collect()
}

/// The facts that are about a user and not about the project alone.
pub fn of_users() -> impl Iterator<Item = Facts> {
    Facts::ALL.into_iter().filter(|facts| !facts.has(Fact::OwnDataPermitted))
}

impl Organization<'_> {
    /// Adds its rows and its questions.
    pub fn add(&self, case: &mut Case) {
        let organization = OrganizationId(self.number);
        case.tuples.extend(rows(self.number));
        let users = Role::ALL
            .into_iter()
            .flat_map(|role| self.facts.iter().map(move |facts| (role, *facts)));
        let users = users.map(|(role, facts)| {
            let user = i64::from(facts.bits()) * 10 + role as i64;
            (UserId(self.number * 100_000 + user), role, facts)
        });
        let users: Vec<_> = users.collect();
        for (user, role, facts) in &users {
            let id = |UserId(id): UserId<i64>| Id::from(id);
            case.tuples.extend(Tuple::role(
                OrganizationId(self.number.into()),
                UserId(id(*user)),
                *role,
            ));
            for fact in facts.elements() {
                let tuple = |row: i64| Tuple::fact(fact, row.into(), id(*user));
                let rows = [2 * self.number, 2 * self.number + 1].map(tuple);
                case.tuples
                    .extend(rows.into_iter().take(1 + usize::from(fact.level() > Kind::Workspace)));
            }
        }
        for action in Action::ALL {
            for (row, kind, permitted) in self.asked(action) {
                let may = |(user, role, facts): &(UserId<i64>, Role, Facts)| {
                    let facts = facts.with_if(Fact::OwnDataPermitted, permitted);
                    let subject = (self.subject)(organization, *user, *role);
                    may(&subject, action, kind, facts).then(|| format!("user:{}", user.0))
                };
                let list: BTreeSet<_> = users.iter().filter_map(may).collect();
                case.decisions += users.len();
                case.users.push((format!("{}:{row}", kind.name()), relation(action), list));
            }
        }
    }

    /// The rows that an action is asked of, and whether their project permits own data.
    fn asked(&self, action: Action) -> Vec<(i64, Kind, bool)> {
        let in_projects =
            |kind| [(2 * self.number, kind, false), (2 * self.number + 1, kind, true)];
        match action.kind() {
            Kind::Organization => vec![(self.number, Kind::Organization, false)],
            Kind::Workspace => vec![(2 * self.number, Kind::Workspace, false)],
            Kind::Project => in_projects(Kind::Project).into(),
            Kind::Task | Kind::Record => {
                [in_projects(Kind::Task), in_projects(Kind::Record)].concat()
            }
        }
    }
}

/// A workspace and two projects, each with a task and a record.
fn rows(number: i64) -> Vec<Tuple> {
    let organization = OrganizationId(Id::from(number));
    let workspace = data::Workspace {
        id: WorkspaceId((2 * number).into()),
        organization: organization.clone(),
        creator: None,
        is_sandbox: false,
        members: Vec::new(),
    };
    let mut tuples = workspace.tuples();
    for (id, own_data_permitted) in [(2 * number, false), (2 * number + 1, true)] {
        let project = data::Project {
            id: ProjectId(id.into()),
            organization: organization.clone(),
            workspace: Some((workspace.id.clone(), organization.clone())),
            creator: None,
            own_data_permitted,
        };
        let project_id = || ProjectId(Id::from(id));
        tuples.extend(project.tuples());
        let task =
            data::Task { id: TaskId(id.into()), project: project_id(), assignees: Vec::new() };
        tuples.extend(task.tuples());
        let record = data::Record { id: RecordId(id.into()), project: project_id(), author: None };
        tuples.extend(record.tuples());
    }
    tuples
}

/// Decides here.
pub fn can(subject: &Subject<i64>, action: Action, kind: Kind, facts: Facts) -> bool {
    let (organization, user) = (*subject.organization(), *subject.user());
    macro_rules! ask {
        ($Id:ident) => {
            subject.can(action, Row::seen_by(user, $Id(0), organization, facts).expect("facts"))
        };
    }
    match kind {
        Kind::Organization => subject.can(action, subject.own_organization()),
        Kind::Workspace => ask!(WorkspaceId),
        Kind::Project => ask!(ProjectId),
        Kind::Task => ask!(TaskId),
        Kind::Record => ask!(RecordId),
    }
}

/// Decides here, and by the oracle if the subject is not narrowed.
pub fn may(subject: &Subject<i64>, action: Action, kind: Kind, facts: Facts) -> bool {
    let may = can(subject, action, kind, facts);
    if !subject.is_through_api() && subject.limit().is_all() {
        let name = format!("{kind:?}");
        let known = oracle::known(&name, facts.bits());
        let cells = |role: &str, key: &str| cell(subject.matrix(), role, key);
        let expected = oracle::may_in(&cells, subject.role().code(), action.key(), Some(known));
        assert_eq!(may, expected, "{} {action} {kind:?} {facts}", subject.role());
    }
    may
}

/// A cell as the oracle reads it.
fn cell(matrix: &Matrix, role: &str, key: &str) -> String {
    let role = role.parse().expect("a code");
    let symbols = matrix.scopes(role, key.parse().expect("a key")).elements();
    symbols.map(|scope| scope.symbol()).collect::<Vec<_>>().join(" ")
}
