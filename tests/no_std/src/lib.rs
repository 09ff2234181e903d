//! A program without std and without an allocator that decides.
//!
//! ```sh
//! cargo rustc -p labelgate-no-std --profile no-std --crate-type staticlib --all-features
//! ```
//!
//! It has a panic handler of its own: had anything brought std along there would be two, and had
//! anything brought `alloc` an allocator would be missing; neither compiles.
#![no_std]

use labelgate::{Action, OrganizationId, ProjectId, Role, Subject, UserId, act};

/// Decides something from a code and the facts of a row as a database returns it, both ways.
#[inline(never)]
pub fn decide(code: &str, facts: i64) -> bool {
    let Ok(role) = code.parse::<Role>() else { return false };
    let (organization, user) = (OrganizationId(1), UserId(7));
    let subject = Subject::new(organization, user, role);
    let Ok(project) = subject.row(ProjectId(100), organization, facts) else { return false };
    let listed = subject.authorize_list_in(act::LabelTasks, &project).is_ok();
    listed && subject.decide(Action::LabelTasks, project).is_ok()
}

#[cfg(panic = "abort")]
#[panic_handler]
fn panic(_: &core::panic::PanicInfo<'_>) -> ! {
    loop {}
}
