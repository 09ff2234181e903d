//! oso: rules in Polar, which finds those of a role and an action by an index.

use std::fmt::Write;

use ::oso::{Oso, PolarClass};
use labelgate::{Fact, Role};

use crate::policy::{HERE, Peer, Question, Row, Rule};

#[derive(Clone)]
pub(crate) struct User {
    organization: i32,
    role: Role,
}

impl PolarClass for User {}
impl PolarClass for Row {}

const ALLOW: &str = "allow(user: User, action, row: Row) if
    row.organization = user.organization and permits(user.role, action, row);
";

fn polar(rules: &[Rule]) -> String {
    let mut text = ALLOW.to_owned();
    for rule in rules {
        // Polar refuses a variable that nothing is asked of.
        let row = if rule.enough.is_everything() { "_row" } else { "row" };
        let condition = rule.condition("row.FACT", " and ", " or ", "true");
        for action in &rule.actions {
            let role = rule.role;
            writeln!(text, "permits(\"{role}\", \"{action}\", {row}) if {condition};").unwrap();
        }
    }
    text
}

pub(crate) struct Polar(Oso);

impl Peer for Polar {
    const NAME: &'static str = "oso";

    type Request = (User, &'static str, Row);

    fn load(rules: &[Rule]) -> Self {
        let user = User::get_polar_class_builder()
            .name("User")
            .add_attribute_getter("organization", |user: &User| user.organization)
            .add_attribute_getter("role", |user: &User| user.role.code().to_owned());
        let mut row = Row::get_polar_class_builder()
            .name("Row")
            .add_attribute_getter("organization", |row: &Row| row.organization);
        for fact in Fact::ALL {
            row = row.add_attribute_getter(fact.name(), move |row: &Row| row.facts.has(fact));
        }
        let mut oso = Oso::new();
        oso.register_class(user.build()).unwrap();
        oso.register_class(row.build()).unwrap();
        oso.load_str(&polar(rules)).unwrap();
        Self(oso)
    }

    fn request(&self, Question { role, action, row }: Question) -> Self::Request {
        (User { organization: HERE, role }, action.key(), row)
    }

    fn permits(&mut self, (user, action, row): &Self::Request) -> bool {
        self.0.is_allowed(user.clone(), *action, *row).unwrap()
    }
}
