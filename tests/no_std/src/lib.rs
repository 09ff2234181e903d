//! A program without std and without an allocator that decides.
//!
//! ```sh
//! cargo rustc -p labelgate-no-std --profile no-std --crate-type staticlib --all-features
//! ```
//!
//! It has a panic handler of its own: had anything brought std along there would be two, and had
//! anything brought `alloc` an allocator would be missing; neither compiles.
#![no_std]

use labelgate::resource::{Resource, Seen};
use labelgate::{Action, Facts, Kind, OrganizationId, Role, Subject, UserId};

/// A row as a database returns it.
struct Project {
    organization: OrganizationId<u64>,
    user: UserId<u64>,
    facts: Facts,
}

impl Resource for Project {
    type Id = u64;
    type UserId = u64;
    const KIND: Kind = Kind::Project;

    fn seen(&self) -> Seen<'_, u64, u64> {
        Seen { organization: &self.organization, user: &self.user, facts: self.facts }
    }
}

/// Decides something from a code and the facts of a row, both ways.
#[inline(never)]
pub fn decide(code: &str, facts: i64) -> bool {
    let (Ok(role), Ok(facts)) = (code.parse::<Role>(), Facts::from_bits(facts)) else {
        return false;
    };
    let (organization, user) = (OrganizationId(1), UserId(7));
    let subject = Subject::new(organization, user, role);
    let project = Project { organization, user, facts };
    let listed = subject.matches(&subject.filter(Action::LabelTasks), &project);
    listed && subject.decide(Action::LabelTasks, &project).is_ok()
}

#[cfg(panic = "abort")]
#[panic_handler]
fn panic(_: &core::panic::PanicInfo<'_>) -> ! {
    loop {}
}
