//! Tuples, and what an engine has to answer about them.

use std::collections::BTreeSet;

use labelgate_export::tuple::Tuple;

/// Objects and users as both engines spell them, such as `project:7` and `user:7`.
#[derive(Clone, Debug, Default)]
pub struct Case {
    pub tuples: Vec<Tuple>,
    /// Object, relation, and all users who have it.
    pub users: Vec<(String, String, BTreeSet<String>)>,
    /// User, relation, type, and all objects of that type.
    pub objects: Vec<(String, String, String, BTreeSet<String>)>,
    /// User, relation, object, and whether the user has it.
    pub checks: Vec<(String, String, String, bool)>,
    /// How many decisions these are: a list decides about each user or object that there is.
    pub decisions: usize,
}

/// Where an engine answers something else.
#[derive(Debug)]
pub struct Report {
    /// How many questions the engine answered, right or wrong.
    pub answered: usize,
    pub differences: Vec<String>,
}

impl Report {
    /// No difference, and no question that was left out.
    pub fn assert_equal(&self, cases: &[Case]) {
        let asked =
            cases.iter().map(|case| case.users.len() + case.objects.len() + case.checks.len());
        let some = &self.differences[..self.differences.len().min(20)];
        assert!(some.is_empty(), "{} differences: {some:#?}", self.differences.len());
        assert_eq!(self.answered, asked.sum::<usize>());
    }
}
