//! A program without std and without an allocator that decides.
//!
//! ```sh
//! cargo rustc -p labelgate-no-std --profile no-std --crate-type staticlib --all-features
//! ```
//!
//! It has a panic handler of its own: had anything brought std along there would be two, and had
//! anything brought `alloc` an allocator would be missing; neither compiles.
#![no_std]

use labelgate::{Action, Role, ScopeCtx, can};

/// Decides something.
#[inline(never)]
pub fn decide(code: &str) -> bool {
    let ctx = ScopeCtx::organization().in_project();
    code.parse().is_ok_and(|role: Role| can(role, Action::LabelTasks, ctx))
}

#[cfg(panic = "abort")]
#[panic_handler]
fn panic(_: &core::panic::PanicInfo<'_>) -> ! {
    loop {}
}
