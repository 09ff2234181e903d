//! A program without std and without an allocator that decides.
//!
//! ```sh
//! cargo rustc -p labelgate-no-std --profile no-std --crate-type staticlib --all-features
//! ```
//!
//! It has a panic handler of its own: had anything brought std along there would be two, and had
//! anything brought `alloc` an allocator would be missing; neither compiles.
#![no_std]

use labelgate::{Action, Lists, OrganizationId, ProjectId, Role, Sorted, Subject, UserId};

/// Decides something from a code and ids.
#[inline(never)]
pub fn decide(code: &str, projects: &[ProjectId<u64>], asked: ProjectId<u64>) -> bool {
    let (Ok(role), Ok(projects)) = (code.parse::<Role>(), Sorted::new(projects)) else {
        return false;
    };
    let (organization, user) = (OrganizationId(1), UserId(7));
    let memberships =
        Lists { workspaces: (), projects, assignments: (), annotator_in: (), reviewer_in: () };
    let subject = Subject { organization, user, role, memberships };
    subject.can(Action::LabelTasks, &organization.project(asked))
}

#[cfg(panic = "abort")]
#[panic_handler]
fn panic(_: &core::panic::PanicInfo<'_>) -> ! {
    loop {}
}
