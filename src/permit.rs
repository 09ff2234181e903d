//! A proof that a check happened.

use core::marker::PhantomData;

use crate::matrix::{Action, ActionType};

/// The proof that somebody was found to be allowed to do the action `A` on the resource it refers
/// to.
///
/// Only [`Subject::authorize`](crate::Subject::authorize) and, for a changed matrix,
/// [`Matrix::authorize`](crate::Matrix::authorize) make one. A function that takes a permit
/// cannot be called without the check, and what it acts on it takes from the permit, which is what
/// was checked. It costs what a reference costs.
///
/// ```
/// use labelgate::{Denied, OrganizationId, Permit, Project, ProjectId, Role, Subject, UserId, act};
///
/// fn export(permit: Permit<'_, act::ExportData, Project<i64>>) -> String {
///     format!("the data of project {}", permit.resource().id())
/// }
///
/// let (organization, user) = (OrganizationId(1), UserId(7));
/// let project = organization.project(ProjectId(100)).created_by(user);
/// let subject = Subject { organization, user, role: Role::Manager, memberships: () };
/// assert_eq!(export(subject.authorize(act::ExportData, &project)?), "the data of project 100");
/// # Ok::<(), Denied>(())
/// ```
///
/// A permit for something else does not compile, be it another action or another kind of resource:
///
/// ```compile_fail,E0308
/// # use labelgate::{Denied, OrganizationId, Permit, Project, ProjectId, Subject, act};
/// # fn export(permit: Permit<'_, act::ExportData, Project<i64>>) {}
/// # fn check(subject: Subject<i64, ()>, project: Project<i64>) -> Result<(), Denied> {
/// export(subject.authorize(act::ImportData, &project)?);
/// # Ok(()) }
/// ```
///
/// ```compile_fail,E0308
/// # use labelgate::{Denied, OrganizationId, Permit, Project, ProjectId, Subject, act};
/// # fn export(permit: Permit<'_, act::ExportData, Project<i64>>) {}
/// # fn check(subject: Subject<i64, ()>, project: Project<i64>) -> Result<(), Denied> {
/// export(subject.authorize(act::ExportData, project.organization())?);
/// # Ok(()) }
/// ```
///
/// Neither does using one twice, cloning one, or making one up:
///
/// ```compile_fail,E0382
/// # use labelgate::{Denied, OrganizationId, Permit, Project, ProjectId, Subject, act};
/// # fn export(permit: Permit<'_, act::ExportData, Project<i64>>) {}
/// # fn check(subject: Subject<i64, ()>, project: Project<i64>) -> Result<(), Denied> {
/// let permit = subject.authorize(act::ExportData, &project)?;
/// export(permit);
/// export(permit);
/// # Ok(()) }
/// ```
///
/// ```compile_fail,E0277
/// # use labelgate::{Permit, Project, act};
/// fn twice<T: Clone>(permit: T) -> (T, T) {
///     (permit.clone(), permit)
/// }
/// # fn check(permit: Permit<'_, act::ExportData, Project<i64>>) {
/// twice(permit);
/// # }
/// ```
///
/// ```compile_fail,E0451
/// # use labelgate::{Permit, Project, act};
/// # use std::marker::PhantomData;
/// # fn check(project: &Project<i64>) {
/// let permit: Permit<'_, act::ExportData, _> = Permit { resource: project, action: PhantomData };
/// # }
/// ```
/// One that is made and not used is a check for nothing, and is warned of:
///
/// ```compile_fail
/// #![deny(unused_must_use)]
/// # use labelgate::{Denied, OrganizationId, Permit, Project, ProjectId, Subject, act};
/// # fn check(subject: Subject<i64, ()>, project: Project<i64>) -> Result<(), Denied> {
/// subject.authorize(act::ExportData, &project)?;
/// # Ok(()) }
/// ```
#[must_use = "a permit is there to be handed to what it permits"]
#[derive(Debug)]
pub struct Permit<'r, A, R> {
    resource: &'r R,
    action: PhantomData<A>,
}

impl<'r, A: ActionType, R> Permit<'r, A, R> {
    /// For `authorize` alone, after the check.
    pub(crate) const fn new(resource: &'r R) -> Self {
        Self { resource, action: PhantomData }
    }

    /// What may be acted on.
    #[must_use]
    pub const fn resource(&self) -> &'r R {
        self.resource
    }

    /// What may be done.
    #[must_use]
    pub const fn action(&self) -> Action {
        A::ACTION
    }
}
